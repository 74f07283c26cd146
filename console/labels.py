"""What codes are called on the pages, as Vietnamese source texts."""

from __future__ import annotations

from collections.abc import Mapping

from core.care.handling import Result
from core.care.standing import ListName
from core.care.triage import Reason
from core.conversation.effects import AlertKind
from core.conversation.labels import GENDER_LABELS, SIGN_LABELS
from core.conversation.messages import N_
from core.conversation.signs import DANGER
from core.forms.load import load_all

__all__ = ["DANGER", "GENDER_LABELS", "SIGN_LABELS"]

ALERT_KINDS: Mapping[AlertKind, str] = {
    AlertKind.DANGER: N_("Dấu hiệu nguy hiểm"),
    AlertKind.URGENT: N_("Cần cán bộ y tế ngay"),
    AlertKind.NEW_SIGN: N_("Người theo dõi có dấu hiệu mới"),
    AlertKind.LEFT_PLACE: N_("Rời nơi cách ly"),
    AlertKind.SEEN_ILL: N_("Tình nguyện viên thấy ốm, chưa đồng ý khai hộ"),
    AlertKind.UNFINISHED: N_("Nói có dấu hiệu rồi bỏ dở"),
    AlertKind.RISK: N_("Khai có nguy cơ, cần xác minh"),
    AlertKind.REPORT: N_("Phản ánh"),
    AlertKind.CALL_BACK: N_("Xin được gọi lại"),
    AlertKind.MISUNDERSTOOD: N_("Máy không hiểu ba lần liền"),
    AlertKind.WRONG_NUMBER: N_("Báo nhầm số"),
    AlertKind.MY_DATA: N_("Hỏi về dữ liệu của mình"),
    AlertKind.DUTY_STOPPED: N_("Máy trực đã nhắn STOP, không nhận tin báo"),
}

ALERT_TONES: Mapping[AlertKind, str] = {
    AlertKind.DANGER: "danger",
    AlertKind.URGENT: "warn",
    AlertKind.NEW_SIGN: "warn",
    AlertKind.LEFT_PLACE: "warn",
    AlertKind.SEEN_ILL: "warn",
    AlertKind.UNFINISHED: "warn",
    AlertKind.DUTY_STOPPED: "warn",
}
"""Red is danger alone; the kinds that are not named here are calm."""

REASONS: Mapping[str, str] = {
    Reason.DANGER_SIGN: N_("dấu hiệu nguy hiểm"),
    Reason.HIGH_FEVER: N_("sốt cao"),
    Reason.URGENT_SIGN: N_("dấu hiệu cần khám ngay"),
    Reason.LOW_OXYGEN: N_("oxy máu thấp"),
    Reason.FAST_BREATHING: N_("thở nhanh"),
    Reason.RISING_TEMPERATURE: N_("nhiệt độ tăng dần"),
    Reason.FEVER_FOR_DAYS: N_("sốt nhiều ngày liền"),
    Reason.LEFT_PLACE: N_("không ở nơi cách ly"),
    Reason.NEW_SIGN: N_("dấu hiệu mới so với lần trước"),
    Reason.FEVER_AND_CONTACT: N_("sốt và có tiếp xúc"),
    Reason.FEVER: N_("sốt"),
    Reason.SIGN: N_("có dấu hiệu"),
}
"""Why triage looks at a record (`core/care/triage.toml`)."""

ALERT_STATES: Mapping[str, str] = {"open": N_("chưa ai nhận"), "taken": N_("đã nhận"), "closed": N_("đã xong")}

RESULTS: Mapping[Result, str] = {
    Result.WELL: N_("Đã liên lạc, không có gì nặng"),
    Result.REFERRED: N_("Đã liên lạc, chuyển đi khám"),
    Result.AMBULANCE: N_("Đã gọi 115"),
    Result.VISITED: N_("Đã đến tận nơi"),
    Result.NOT_REACHED: N_("Nhiều lần không liên lạc được"),
    Result.MISTAKE: N_("Báo nhầm"),
    Result.OTHER: N_("Khác"),
}

WHY: Mapping[ListName, str] = {
    ListName.ALERT: N_("Có cảnh báo chưa xong"),
    ListName.SIGNS: N_("Hôm nay báo có dấu hiệu"),
    ListName.SILENT: N_("Đến hẹn mà chưa trả lời"),
    ListName.DECLARED: N_("Hôm nay đã khai báo, không có dấu hiệu"),
    ListName.SEEN: N_("Hôm nay đã trả lời, khỏe"),
    ListName.WAITING: N_("Chưa đến giờ hẹn"),
}

LIST_TONES: Mapping[ListName, str] = {
    ListName.ALERT: "danger",
    ListName.SIGNS: "warn",
    ListName.SILENT: "quiet",
    ListName.SEEN: "ok",
    ListName.DECLARED: "ok",
    ListName.WAITING: "quiet",
}

FORMS: Mapping[str, str] = {form.key: form.title for form in load_all().values()}

CHANNELS: Mapping[str, str] = {
    "web": "Web",
    "telegram": "Telegram",
    "zalo": "Zalo",
    "zalo_bot": "Zalo",
}
"""Names of chats, the same in every language. Every other channel is a gateway for SMS, named by who set it up."""

GROUPS: Mapping[str, str] = {"arrival": N_("về từ nơi khác"), "area": N_("vùng dịch")}
"""F0 to F3 are called so everywhere."""

PLACES: Mapping[str, str] = {
    "home": N_("tại nhà"),
    "facility": N_("khu cách ly"),
    "hotel": N_("khách sạn"),
    "hospital": N_("bệnh viện"),
}

CHECKS: Mapping[str, tuple[str, str]] = {
    "not_performed": (N_("chưa trả lời"), "quiet"),
    "seen_ok": (N_("khỏe"), "ok"),
    "seen_not_ok": (N_("có dấu hiệu"), "warn"),
    "non_reporting": (N_("im lặng"), "quiet"),
    "missed": (N_("không liên lạc được"), "warn"),
    "not_attempted": (N_("chưa ai tìm"), "warn"),
    "uncooperative": (N_("từ chối"), "warn"),
}
"""What became of a due check-in, and in which colour."""

LEVELS = ("F0", "F1", "F2", "F3")

SAMPLES: Mapping[str, str] = {"pcr": "PCR", "antigen": N_("test nhanh kháng nguyên")}

TEST_RESULTS: Mapping[str, tuple[str, str]] = {
    "pending": (N_("chờ kết quả"), "quiet"),
    "positive": (N_("dương tính"), "warn"),
    "negative": (N_("âm tính"), "ok"),
    "invalid": (N_("không hợp lệ"), "quiet"),
}
"""What a test says, and in which colour."""

NEEDS = {"food": N_("lương thực"), "medicine": N_("thuốc"), "other": N_("việc khác")}
"""What a household lacks."""
