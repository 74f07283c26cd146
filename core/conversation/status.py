"""XEM: how it stands. XEM and a code: whether somebody's paper is true."""

from __future__ import annotations

from core.care import release_code
from core.conversation import asking, records
from core.conversation.context import Member
from core.conversation.effects import AskCertificate
from core.conversation.messages import N_, Listed, Say
from core.conversation.turn import VIETNAM, Turn


def run(turn: Turn, rest: str) -> bool:
    """XEM: days left for those under follow-up here, otherwise the last record. What is pending is asked again."""
    if code := release_code.written_in(rest):
        turn.do(AskCertificate(code))
        asking.ask_again(turn)
        return True
    followed = [m for m in turn.context.members if m.follow_up_until]
    if followed:
        _days_left(turn, followed)
    elif turn.session.last:
        _last(turn)
    else:
        turn.say(N_("Chưa có tờ khai nào từ số này. Nhắn KHAI để khai báo."))
    asking.ask_again(turn)
    return True


def _days_left(turn: Turn, followed: list[Member]) -> None:
    """Of the one person here, or of each by name."""
    ends = [(m.name, m.follow_up_until) for m in followed if m.follow_up_until]
    left = [(name, max(0, (end - turn.today).days), f"{end:%d/%m/%Y}") for name, end in ends]
    if len(left) > 1:
        text = N_("{name}: còn {left} ngày, đến {until}")
        items = tuple(Say(text, {"name": name, "left": days, "until": until}) for name, days, until in left)
        turn.say(N_("Thời gian theo dõi: {items}."), items=Listed(items, mark="; "))
        return
    _, days, until = left[0]
    if days:
        turn.say(N_("{You} còn {left} ngày theo dõi, đến hết ngày {until}."), left=days, until=until)
    else:
        turn.say(N_("Hôm nay là ngày theo dõi cuối cùng của {you}."))


def _last(turn: Turn) -> None:
    last = turn.session.last
    assert last is not None  # noqa: S101 - the caller looked
    when = f"{last.at.astimezone(VIETNAM):%H:%M %d/%m}"
    turn.say(
        N_("Lần khai gần nhất: {when}, mã {code}. Sai thì nhắn SUA."),
        when=when,
        code=records.spoken(last.code),
    )
