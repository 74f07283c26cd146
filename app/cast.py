"""The made-up people of a demo: whose phones the simulator shows, and who may sign in."""

from __future__ import annotations

from typing import Final

from app.home import SignIn
from core.conversation.messages import N_
from core.places.venues import NewVenue, VenueKind
from sms.phone.receive import MadeUp

STATION: Final = "TYT02683"
"""Trạm Y tế xã Bát Xát, Lào Cai."""

CENTRE: Final = "CDC15"

PEOPLE: Final = (
    MadeUp("+84900000011", N_("Bà Sùng Thị Mẩy (bịa)"), N_("73 tuổi, điện thoại phím, đang theo dõi ở nhà")),
    MadeUp("+84900000012", N_("Anh Lù Văn Chung (bịa)"), N_("41 tuổi, trả lời thay cả nhà bốn người")),
    MadeUp("+84900000013", N_("Chị Hoàng Thị Lưu (bịa)"), N_("28 tuổi, vừa từ vùng dịch về, chưa khai lần nào")),
    MadeUp("+84900000014", N_("Ông Giàng A Tủa (bịa)"), N_("66 tuổi, viết tắt và hay sai chính tả")),
    MadeUp("+84900000015", N_("Bà Vàng Thị Thử (bịa)"), N_("55 tuổi, đang theo dõi, đều đặn trả lời")),
    MadeUp("+84900000017", N_("Anh Hoàng Văn Sang (bịa)"), N_("22 tuổi, tình nguyện viên: nhắn DANH SACH")),
    MadeUp("+84900000016", N_("Ông Lý Văn Giả Định (bịa)"), N_("51 tuổi, chỉ còn theo dõi một ngày")),
    MadeUp("+84900000041", N_("Máy trực trạm y tế (bịa)"), N_("được báo khi có người cần giúp; nhắn NHAN để nhận")),
)

VENUES: Final = (
    ("2468102", NewVenue("Chợ Bát Xát (bịa)", VenueKind.MARKET, STATION)),
    ("1357908", NewVenue("Trường Tiểu học Bản Qua (bịa)", VenueKind.SCHOOL, STATION)),
)
"""Where people of the demo check in, by code: VAO 2468102."""

VOLUNTEER: Final = "+84900000017"
"""Anh Sang looks after two households."""

GUARD: Final = "+84900000012"
"""Anh Chung minds the gate of both."""

DUTY: Final = "+84900000041"
"""The station's duty phone: NHAN and XONG can be played on it."""

SIGN_INS: Final = (
    SignIn("dieuduong", "thu-khaibao", N_("Điều dưỡng trạm y tế xã"), STATION),
    SignIn("cdc", "thu-khaibao", N_("Trung tâm Kiểm soát bệnh tật tỉnh"), CENTRE),
)
