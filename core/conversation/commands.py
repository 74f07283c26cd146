"""What a command does. The words that mean it are `parsers.command`'s; the table is at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from core.conversation import (
    alarm,
    asking,
    checkins,
    correcting,
    linking,
    opening,
    records,
    status,
    visits,
    whose,
    wrong_number,
)
from core.conversation.effects import AlertKind, RaiseAlert, SetHours, StopReminders
from core.conversation.messages import N_
from core.conversation.parsers import on_behalf
from core.conversation.parsers.command import Command, wants_accents
from core.conversation.parsers.command import language as named_language
from core.conversation.session import IDLE, Stage
from core.conversation.turn import Turn
from core.conversation.understanding import Choice
from core.messaging.channel import MessageKind


def run(turn: Turn, command: Command, rest: str) -> bool:
    """Do it. False if the command has nothing to act on, so that the message is read on."""
    return _TABLE[command](turn, rest.strip())


def _declare(turn: Turn, rest: str) -> bool:
    of_another = on_behalf.parse(rest)
    another, said = of_another is not None, rest if of_another is None else of_another
    if turn.session.busy and turn.session.trail:
        _declaring_already(turn, said, of_another=another)
    elif _begun(turn) and not said and not another:
        asking.ask_again(turn)
    elif turn.session.stage is Stage.LEGAL and _begun(turn) and not another:
        asking.hold(turn, said)
        asking.ask_to_agree(turn)
    elif another:
        opening.start_for(turn, opening.DECLARATION, whose.NEW, said)
    else:
        opening.start(turn, opening.DECLARATION, said)
    return True


def _begun(turn: Turn) -> bool:
    """Whether a declaration by whoever writes was begun, with nothing answered yet."""
    begun = turn.session.stage in (Stage.ASKING, Stage.LEGAL)
    return begun and turn.form.key == opening.DECLARATION and not turn.session.on_behalf


def _declaring_already(turn: Turn, said: str, *, of_another: bool) -> None:
    """Another declaration has to wait until this one ends; what was said with the command does not."""
    turn.say(N_("{You} đang khai dở, xin trả lời tiếp. Bỏ tờ khai này thì nhắn THOAT."))
    if of_another:
        asking.tell_of(turn, said, turn.new_letter())
    elif checkins.heard(turn, said):
        return
    asking.ask_again(turn)


def _check_in(turn: Turn, rest: str) -> bool:
    if turn.session.stage is Stage.ASKING and not rest:
        asking.ask_again(turn)
        return True
    if turn.session.stage is Stage.ASKING and turn.form.daily and asking.answer(turn, rest) is None:
        return True
    held = turn.session
    checkins.start(turn, rest)
    checkins.resume(turn, held)
    return True


def _back(turn: Turn, rest: str) -> bool:
    if turn.session.stage is not Stage.ASKING:
        return False
    asking.go_back(turn)
    return True


def _cancel(turn: Turn, rest: str) -> bool:
    if not turn.session.busy:
        turn.say(N_("Không có tờ khai nào đang làm. Muốn khai, nhắn KHAI. Muốn ngừng nhắc tin, nhắn STOP."))
        return True
    last = turn.session.last if turn.session.stage is Stage.SUMMARY else None
    if last is None:
        asking.withdraw(turn)
    turn.change(**IDLE)
    if last is None:
        turn.say(N_("Đã bỏ tờ khai đang làm. Muốn khai lại, nhắn KHAI. Cần gặp cán bộ y tế, nhắn GOI."))
    else:
        text = N_("Tờ khai đã ghi rồi, mã {code}. Sai thì nhắn SUA. Muốn xóa, nhắn DU LIEU.")
        turn.say(text, code=records.spoken(last.code))
    return True


def ask_cancel(turn: Turn) -> None:
    """A bare HUY: the form, or the reminders? A form that is going on is kept until that is known."""
    options: tuple[Choice, ...] = (Choice("form", N_("Bỏ tờ khai")), Choice("stop", N_("Ngừng nhắc tin")))
    if turn.session.pending:
        options = (*options, Choice("on", N_("Khai tiếp")))
    turn.change(stage=Stage.CANCEL, options=options, asked_at=turn.now)
    turn.say(N_("{You} muốn hủy gì?"), MessageKind.QUESTION, options)


def stop(turn: Turn) -> None:
    """STOP: we start nothing here any more."""
    turn.do(StopReminders())
    turn.change(**IDLE)
    turn.say(N_("Đã ngừng nhắc tin. {You} vẫn nhắn được lúc nào cũng được. Nhận lại: BAT DAU. Khẩn cấp: 115."))


def _stop(turn: Turn, rest: str) -> bool:
    stop(turn)
    return True


def _start(turn: Turn, rest: str) -> bool:
    if turn.session.busy:
        return False
    turn.do(StopReminders(stop=False))
    turn.say(
        N_(
            "Đã bật tin nhắc. Nhắn KHAI: khai báo y tế. SK: báo sức khỏe hôm nay. GOI: gặp cán bộ y tế. "
            "Khẩn cấp gọi 115."
        )
    )
    return True


def _human(turn: Turn, rest: str) -> bool:
    turn.do(RaiseAlert(AlertKind.CALL_BACK))
    if turn.context.unit.phone:
        turn.say(N_("{unit} sẽ gọi lại cho {you}, không hỏi OTP, không đòi tiền. Gọi ngay: {phone}. Khẩn cấp gọi 115."))
    else:
        turn.say(N_("{unit} sẽ gọi lại cho {you}, không hỏi OTP, không đòi tiền. Khẩn cấp gọi 115."))
    asking.ask_again(turn)
    return True


def _emergency(turn: Turn, rest: str) -> bool:
    if not alarm.said(turn):  # by a sign in the same message
        alarm.danger(turn)
    asking.ask_again(turn)
    return True


def _report(turn: Turn, rest: str) -> bool:
    turn.do(RaiseAlert(AlertKind.CALL_BACK))
    turn.say(N_("Đã chuyển lời của {you} đến {unit}. Cán bộ y tế sẽ gọi lại để hỏi rõ. Khẩn cấp gọi 115."))
    asking.ask_again(turn)
    return True


def _area(turn: Turn, rest: str) -> bool:
    turn.say(N_("Muốn biết về vùng dịch, xin nhắn GOI: {unit} sẽ gọi lại cho {you}."))
    asking.ask_again(turn)
    return True


def _hours(turn: Turn, rest: str) -> bool:
    hours = tuple(sorted({int(h) for h in re.findall(r"\d{1,2}", rest) if int(h) < 24}))
    waking = turn.context.rules.waking_hours
    if not any(m.follow_up_until for m in turn.context.members):
        turn.say(N_("Giờ nhắc chỉ dành cho người đang được theo dõi. Muốn báo sức khỏe, nhắn SK."))
    elif not hours or len(hours) > 3 or not set(waking).issuperset(hours):
        text = N_("Xin chọn từ một đến ba giờ, từ {first} đến {last} giờ, ví dụ: NHAC 7 17.")
        turn.say(text, first=str(waking[0]), last=str(waking[-1]))
    else:
        turn.do(SetHours(hours))
        turn.do(StopReminders(stop=False))  # who says when they want to be asked wants to be asked
        said = ", ".join(f"{hour}:00" for hour in hours)
        turn.say(N_("Từ nay nhắc {you} lúc {hours} mỗi ngày. Muốn đổi, nhắn NHAC và giờ."), hours=said)
    return True


def _my_data(turn: Turn, rest: str) -> bool:
    turn.do(RaiseAlert(AlertKind.MY_DATA))
    turn.say(N_("Đã ghi yêu cầu xem, sửa hoặc xóa dữ liệu của {you}. {unit} sẽ trả lời trong 2 ngày làm việc."))
    return True


def _language(turn: Turn, rest: str) -> bool:
    other = "vi" if turn.session.language == "en" else "en"
    turn.change(language=named_language(turn.text) or other, chosen=True)
    return _again_or_help(turn)


def _accents(turn: Turn, rest: str) -> bool:
    """Accents cost a second SMS part and more, so they are sent only where asked for."""
    if wants_accents(turn.text):
        turn.change(accents=True)
        turn.say(N_("Từ nay tin có dấu. Muốn bỏ dấu, nhắn TIN KHONG DAU."))
    else:
        turn.change(accents=False)
        turn.say(N_("Từ nay tin không dấu. Muốn có dấu, nhắn TIN CO DAU."))
    asking.ask_again(turn)
    return True


def _again_or_help(turn: Turn) -> bool:
    if turn.session.stage in (Stage.ASKING, Stage.LEGAL):
        asking.ask_again(turn)
        return True
    return _help(turn, "")


def _help(turn: Turn, rest: str) -> bool:
    text = N_(
        "{unit}. Nhắn KHAI: khai báo y tế. SK: báo sức khỏe hôm nay. GOI: gặp cán bộ y tế. "
        "MENU: xem thêm. Khẩn cấp gọi 115."
    )
    turn.say(text)
    asking.ask_again(turn)
    return True


def _menu(turn: Turn, rest: str) -> bool:
    text = N_(
        "KHAI HO: khai hộ. SUA: sửa. XEM: xem lại. NHAC 7 17: giờ nhắc. DU LIEU: dữ liệu của tôi. "
        "LIEN KET: nối Zalo. STOP: ngừng nhắc. NHAM SO. TIN CO DAU. ENGLISH."
    )
    turn.say(text)
    asking.ask_again(turn)
    return True


_TABLE: Mapping[Command, Callable[[Turn, str], bool]] = {
    Command.DECLARE: _declare,
    Command.CHECKIN: _check_in,
    Command.CORRECT: correcting.run,
    Command.STATUS: status.run,
    Command.HUMAN: _human,
    Command.EMERGENCY: _emergency,
    Command.REPORT: _report,
    Command.AREA: _area,
    Command.HOURS: _hours,
    Command.LINK: linking.run,
    Command.UNLINK: linking.part,
    Command.BACK: _back,
    Command.CANCEL: _cancel,
    Command.MENU: _menu,
    Command.HELP: _help,
    Command.MY_DATA: _my_data,
    Command.STOP: _stop,
    Command.START: _start,
    Command.VISIT: visits.run,
    Command.WRONG_NUMBER: wrong_number.run,
    Command.LANGUAGE: _language,
    Command.ACCENTS: _accents,
}
