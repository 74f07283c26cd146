"""What volunteers are told by the conversation. What needs a look-up is worded in `core.pipeline.volunteers`."""

from __future__ import annotations

from core.conversation.messages import N_

LEFT = N_("Đã thôi khai cho {home}. Tin này tính cho người ở máy này. Khai tiếp cho nhà đó: nhắn DANH SACH.")
NOT_YOURS = N_("Chưa ghi gì: nhà đó không còn giao cho {you}. Nhắn DANH SACH để xem các nhà.")
NO_VOLUNTEER = N_("Chưa ghi gì: {you} không còn làm tình nguyện viên. Về chính mình thì xin nhắn lại. Nặng gọi 115.")
LEFT_THE_LIST = N_("Đã đóng danh sách. Mở lại: DANH SACH.")
LEFT_HOME = N_("Đã thôi khai cho {home}. Từ giờ tin nhắn tính cho người ở máy này. Xem các nhà: DANH SACH.")
NOT_OF_YOU = N_(
    "Chưa ghi gì: đang khai cho {home}. Về chính mình: nhắn XONG rồi nhắn lại. "
    "Về người trong nhà: thêm chữ, ví dụ A SOT."
)
GONE = N_("Chưa ghi gì: người {letter} không còn ở {home}.")
NOT_AGREED = N_(
    "Chưa ghi gì: {name} chưa đồng ý cho khai hộ. Hỏi qua máy họ: HOI DONG Y. Họ đã nói miệng: DONG Y MIENG {letter}."
)
TOLD = N_("Đã báo {unit} để giúp {person}. Phiếu chưa ghi vì chưa đồng ý: HOI DONG Y. Nặng gọi 115.")
TOLD_OF_SOMEBODY = N_("Đã báo {unit} là có người ốm, cán bộ sẽ gọi {you} hỏi rõ. Nặng gọi 115.")
REFUSED_BEFORE = N_("{people} đã nói không nên chưa ghi. Chỉ chính họ đổi ý được: hỏi qua máy họ bằng HOI DONG Y.")
WHERE_FIRST = N_("Chưa ghi gì: chưa rõ nhà nào. Nhắn DANH SACH, chọn số của nhà, rồi nhắn lại. Nặng gọi 115.")
WHICH_OF = N_("Tin này {you} nói về nhà nào: {said}")
WHICH = N_("Tin vừa rồi {you} nói về nhà nào?")
OURS = N_("Nhà mình")
AT_NOW = N_("Giờ tin nhắn tính cho {home}. Thôi: XONG.")
NO_HOMES = N_("Chưa có nhà nào được giao. Tìm nhà: TIM và tên, ví dụ TIM MAY. Hoặc đợi trạm y tế giao.")
TODAY = N_("Hôm nay {homes} nhà: {silent} chưa trả lời (!), {nurse} cần y tế (!!). Chọn số:")
NOBODY_SILENT = N_("Không còn nhà nào chưa trả lời. Cảm ơn {you}. Xem các nhà: DANH SACH.")
NOBODY_YET = N_("{home}: chưa có ai. Thêm người: KHAI. Thôi: XONG.")
AT = N_("{home}: {people}. Báo từng người, ví dụ {first} OK. Nhà khác: TIEP. Thôi: XONG.")
TO_AGREE = N_(
    "Ai có dấu ? chưa đồng ý cho khai hộ. Hỏi qua máy họ: HOI DONG Y. "
    "Họ đã nói miệng: DONG Y MIENG và chữ, ví dụ DONG Y MIENG {letter}."
)
UNAGREED = N_("{name}?")
DECLARE_FIRST = N_("Chưa biết {you} là ai. Xin khai báo một lần đã: nhắn KHAI. Rồi nhắn lại THAM GIA và mã.")
WHO_JOINS = N_("Ai tham gia? Máy này có {people}. Xin nhắn THAM GIA {code} và chữ, ví dụ THAM GIA {code} {letter}.")
NOT_JOINED = N_("Đã ghi: không tham gia.")
RESIGNED = N_("Đã ghi: {you} thôi làm tình nguyện. Các nhà về lại trạm y tế. Cảm ơn {you} đã giúp bà con.")
ALL_AGREED = N_("Mọi người ở {home} đều đã đồng ý.")
WHO_AGREED = N_("Ai đã đồng ý? Xin nhắn DONG Y MIENG và chữ, ví dụ DONG Y MIENG {letter}.")
NOTED_SPOKEN = N_("Đã ghi: {people} đồng ý bằng lời. Trạm y tế có thể hỏi lại. Giờ báo được, ví dụ A OK.")
VISIT_NOTED = N_("Đã ghi lần đến thăm {home}.")
NEED_PASSED = N_("Đã chuyển điều {home} cần đến trạm y tế.")
HAND_OVER_HOW = N_("Xin nhắn BAN GIAO và số máy của tình nguyện viên kia, ví dụ BAN GIAO 0900000001.")
WAITING = N_("Trạm y tế chưa trả lời việc {you} xin làm tình nguyện viên. Có trả lời sẽ nhắn ngay.")
ENROL_HOW = N_("Xin nhắn TINH NGUYEN, họ tên, xã, tỉnh. Ví dụ: TINH NGUYEN Ly Thi Lan, Bat Xat, Lao Cai.")
ENROLLED = N_("Đã gửi đến trạm y tế: {name} xin làm tình nguyện viên. Được duyệt sẽ có tin nhắn.")
WITHDRAWN = N_("Đã rút mọi đồng ý của người ở máy này. Muốn xem hoặc xóa dữ liệu: nhắn DU LIEU.")
AGREED = N_("Đã ghi: đồng ý. Đổi ý lúc nào cũng được: nhắn RUT.")
REFUSED = N_("Đã ghi: không đồng ý. Cần gặp cán bộ y tế, nhắn GOI.")
