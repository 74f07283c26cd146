"""What the pages about follow-ups call things, as Vietnamese source texts."""

from __future__ import annotations

from collections.abc import Mapping

from core.care.durations import GROUPS, PLACES
from core.care.events import Kind
from core.care.follow_up_acts import AWAY as GONE_AWAY
from core.care.follow_up_acts import CancelReason, ExtendReason, ReleaseReason
from core.care.follow_up_lists import State
from core.care.follow_up_sheet import Why as Fault
from core.care.follow_up_terms import Problem
from core.care.held_back import HeldBack
from core.care.relatives import Why
from core.conversation.messages import N_

__all__ = ["GROUPS", "PLACES"]

STATES: Mapping[State, str] = {
    State.VERIFY: N_("Cần xác minh"),
    State.FOLLOWED: N_("Đang theo dõi"),
    State.ENDING: N_("Sắp hết ngày"),
    State.HELD: N_("Hết ngày, còn chờ"),
    State.CALL: N_("Không có điện thoại"),
    State.LOST: N_("Mất liên lạc"),
    State.CLOSED: N_("Đã xong (30 ngày qua)"),
}

STATUSES: Mapping[str, tuple[str, str]] = {
    "to_verify": (N_("cần xác minh"), "warn"),
    "under_follow_up": (N_("đang theo dõi"), ""),
    "completed": (N_("đã đủ ngày"), "ok"),
    "lost_to_follow_up": (N_("mất liên lạc"), "warn"),
    "cancelled": (N_("đã hủy"), "quiet"),
}

HELD: Mapping[HeldBack, str] = {
    HeldBack.LEVEL: N_("chờ CDC xác nhận mức"),
    HeldBack.TEST: N_("chờ kết quả xét nghiệm"),
    HeldBack.ALERT: N_("báo động chưa xong"),
}

SOURCES: Mapping[str, str] = {
    "staff": N_("cán bộ mở"),
    "import": N_("từ danh sách"),
    "risk": N_("tự khai nguy cơ"),
    "area": N_("theo quyết định khoanh vùng"),
}

EVENTS: Mapping[Kind, str] = {
    Kind.OPENED: N_("mở theo dõi"),
    Kind.VERIFIED: N_("đã xác minh"),
    Kind.EXTENDED: N_("đổi ngày cuối"),
    Kind.CHANGED: N_("đổi giờ hoặc nơi ở"),
    Kind.MOVED: N_("chuyển đơn vị"),
    Kind.OFFERED: N_("xin chuyển đơn vị"),
    Kind.ANSWERED: N_("trả lời việc chuyển"),
    Kind.RESULT: N_("kết quả xét nghiệm"),
    Kind.EXPOSED: N_("ghi tiếp xúc"),
    Kind.LEVEL: N_("đổi mức"),
    Kind.CLUSTER: N_("ghi ổ dịch"),
    Kind.RELEASED: N_("cho hết theo dõi"),
    Kind.COMPLETED: N_("hết ngày theo dõi"),
    Kind.LOST: N_("mất liên lạc"),
    Kind.FOUND: N_("có tin trở lại"),
    Kind.CANCELLED: N_("hủy"),
    Kind.GONE: N_("ghi sau khi đã xong"),
    Kind.RELATIVES: N_("hỏi lại người nhà có đồng ý được hỏi không"),
    Kind.PHONE: N_("đổi số điện thoại"),
    Kind.MERGED: N_("gộp với người đang được theo dõi"),
    Kind.PARTED: N_("tách ra, theo dõi tiếp"),
}

CANCEL: Mapping[CancelReason, str] = {
    CancelReason.NO_CONTACT: N_("xác minh: không tiếp xúc"),
    CancelReason.MISTAKE: N_("ghi nhầm"),
    CancelReason.TWICE: N_("đã theo dõi dưới tên khác"),
    CancelReason.ELSEWHERE: N_("đi khỏi tỉnh"),
    CancelReason.DIED: N_("đã mất"),
    CancelReason.OTHER: N_("lý do khác"),
}

AWAY = {reason: CANCEL[reason] for reason in GONE_AWAY}
"""What may be said of somebody who is not followed any more."""

EXTEND: Mapping[ExtendReason, str] = {
    ExtendReason.LATER_CONTACT: N_("tiếp xúc muộn hơn"),
    ExtendReason.POSITIVE: N_("có xét nghiệm dương tính"),
    ExtendReason.SIGNS: N_("có dấu hiệu"),
    ExtendReason.DOCUMENT: N_("theo văn bản mới"),
    ExtendReason.MISTAKE: N_("ghi nhầm"),
    ExtendReason.OTHER: N_("lý do khác"),
}

RELEASE: Mapping[ReleaseReason, str] = {
    ReleaseReason.DAYS: N_("đã đủ ngày"),
    ReleaseReason.NEGATIVE: N_("xét nghiệm âm tính"),
    ReleaseReason.RECOVERED: N_("đã khỏi"),
    ReleaseReason.DOCUMENT: N_("theo văn bản mới"),
    ReleaseReason.OTHER: N_("lý do khác"),
}

AGAIN: Mapping[Why, str] = {
    Why.TOLD: N_("đã nói chuyện với người nhà"),
    Why.MISSED: N_("người nhà có thể chưa đọc tin"),
    Why.NEEDED: N_("không còn cách nào khác để biết"),
    Why.OTHER: N_("lý do khác"),
}
"""Why relatives who said nothing are asked again."""

REASONS: Mapping[str, str] = {
    **{each.value: text for each, text in AGAIN.items()},
    **{each.value: text for each, text in EXTEND.items()},
    **{each.value: text for each, text in RELEASE.items()},
    **{each.value: text for each, text in CANCEL.items()},
    "unverified": N_("quá hạn mà không ai xác minh"),
    "merged": N_("là một người đang được theo dõi"),
    "unseen": N_("nhiều ngày không có tin"),
}

PROBLEMS: Mapping[Problem, str] = {
    Problem.GROUP: N_("Xin chọn nhóm."),
    Problem.PLACE: N_("Xin chọn nơi theo dõi."),
    Problem.CONTACT_LATER: N_("Ngày tiếp xúc cuối không thể sau hôm nay."),
    Problem.NO_RULE: N_("Hiện không có quy định số ngày cho nhóm này: xin ghi ngày cuối và văn bản."),
    Problem.OVER: N_("Tính từ lần tiếp xúc cuối thì đã hết ngày: nếu vẫn cần theo dõi, xin ghi ngày cuối."),
    Problem.END_BEFORE_START: N_("Ngày cuối không thể trước hôm nay."),
    Problem.TOO_LONG: N_("Ngày cuối xa quá: nhiều nhất 180 ngày. Xin xem lại năm."),
    Problem.QUIET_HOUR: N_("Từ 21 giờ đến 6 giờ không nhắn tin hỏi ai: xin chọn giờ khác."),
    Problem.HOURS: N_("Xin ghi từ một đến ba giờ, ví dụ 8 16."),
}

NAME = N_("Xin ghi họ tên.")
YEAR = N_("Năm sinh chưa đúng.")
PHONE = N_("Số điện thoại chưa đúng. Không có thì để trống.")
DAY = N_("Có ngày không đọc được.")
TOO_LATE = N_("Đồng nghiệp đã làm trước: xin xem lại tình trạng bây giờ.")
ALREADY = N_("Người này đang được theo dõi rồi: đây là trang của họ.")
OPENED = N_("Đã mở theo dõi.")
VERIFIED = N_("Đã xác minh, bắt đầu theo dõi.")
EXTENDED = N_("Đã đổi ngày cuối.")
RELEASED = N_("Đã cho hết theo dõi. Người đó sẽ nhận tin có mã giấy chứng nhận.")
CANCELLED = N_("Đã hủy theo dõi. Không nhắn hỏi nữa.")
NOTED_AWAY = N_("Đã ghi. Không quyết định khoanh vùng nào theo dõi người này nữa, cho đến khi có người mở lại.")
STILL_FOLLOWED = N_("Một đơn vị khác vẫn đang theo dõi và nhắn hỏi người này. Xin báo ngay cho đơn vị đó:")

FAULTS: Mapping[Fault, str] = {
    Fault.MISSING: N_("để trống: xin ghi vào"),
    Fault.YEAR: N_("không phải năm sinh: xin ghi như 1953"),
    Fault.GENDER: N_("không rõ giới tính: xin ghi nam, nữ, khác, hoặc để trống"),
    Fault.PHONE: N_("không phải số điện thoại: xin ghi như 0912345678, hoặc để trống"),
    Fault.GROUP: N_("không phải nhóm: xin ghi F0, F1, F2, F3, nhập cảnh hoặc vùng dịch"),
    Fault.DAY: N_("không phải ngày: xin ghi như 21/11/2026"),
    Fault.YES_NO: N_("không rõ có hay không: xin ghi có, không, hoặc để trống"),
    Fault.PLACE: N_("không rõ nơi nào: xin ghi nhà, khu cách ly, khách sạn hoặc bệnh viện"),
    Fault.HOURS: N_("không phải giờ: xin ghi như 8 16"),
}
"""What is wrong with a cell of a list, and what to do."""

COLUMNS: Mapping[str, str] = {
    "hamlet": N_("Thôn"),
    "address": N_("Địa chỉ"),
    "phone": N_("Điện thoại"),
    "gender": N_("Giới tính"),
}
PERHAPS = N_(
    "Chưa mở: có lẽ là người này, cùng tên và năm sinh. Nếu đúng, mở theo dõi ở trang này; "
    "nếu không, ghi thêm thôn, địa chỉ hoặc số điện thoại."
)
PROPOSED = N_("Người này đang được theo dõi ở nhóm nhẹ hơn: đã đề nghị CDC đổi nhóm.")
GONE = N_("Chưa mở: người này đã được ghi là đã mất hoặc đã đi khỏi tỉnh. Nếu ghi nhầm, mở theo dõi ở trang này.")

NO_LIST = N_("Không đọc được tệp này. Cần tệp CSV UTF-8 hoặc XLSX, dòng đầu có Họ tên, Năm sinh, Nhóm.")
