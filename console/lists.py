"""The line lists: everybody on exactly one, each with how many of how many; as a page and as files."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

from flask import Blueprint, Response, abort, render_template, request, stream_with_context

from console.desk import desk
from console.signing import me, my_scope
from core.care import line_files, line_lists
from core.care.line_lists import PAGE, Asked, Line
from core.conversation.messages import N_

_log = logging.getLogger(__name__)
_MOST_PAGES = 10_000

LINES: Mapping[Line, tuple[str, str]] = {
    Line.URGENT: (N_("Cần gọi ngay"), N_("Có cảnh báo chưa xong: xem trang Hôm nay.")),
    Line.HUMAN: (N_("Xin gặp cán bộ"), N_("Đã xin gọi lại và chưa ai gọi.")),
    Line.SIGNS: (N_("Có dấu hiệu"), N_("Hôm nay báo có dấu hiệu bệnh.")),
    Line.VERIFY: (N_("Cần xác minh"), N_("Chưa được hỏi gì cho đến khi cán bộ xác minh. Người gần hạn nhất ở trên.")),
    Line.HELD: (N_("Hết ngày, còn chờ"), N_("Còn việc chưa rõ nên chưa cấp giấy.")),
    Line.NO_PHONE: (N_("Không có số để nhắn"), N_("Không máy nào hỏi được: phải đến nhà.")),
    Line.OPTED_OUT: (N_("Đã nhắn STOP"), N_("Vẫn đang theo dõi, không nhắn được nữa: phải gọi hoặc đến nhà.")),
    Line.UNREACHABLE: (N_("Tin không tới"), N_("Tin nhắn không tới máy: phải gọi hoặc đến nhà.")),
    Line.SILENT: (N_("Im lặng"), N_("Hôm nay đến hẹn mà chưa trả lời.")),
    Line.PRESENCE: (
        N_("Chưa rõ ở đâu"),
        N_("Được hỏi mà chưa trả lời. Đó chưa phải là vắng mặt: cần người đến xem."),
    ),
    Line.ENDING: (N_("Sắp hết ngày"), N_("Hết hạn hôm nay hoặc trong hai ngày tới, không có gì khác.")),
    Line.ANSWERED: (N_("Đã trả lời"), N_("Hôm nay đã trả lời, không có dấu hiệu.")),
    Line.WAITING: (N_("Chưa đến hẹn"), N_("Hôm nay chưa đến giờ hỏi.")),
    Line.LOST: (N_("Mất liên lạc"), N_("Trong 30 ngày qua: nhiều ngày không có tin.")),
}
"""What each list is called, and what it means."""

TONES = {Line.URGENT: "danger"} | dict.fromkeys((Line.HUMAN, Line.SIGNS, Line.VERIFY, Line.PRESENCE), "warn")


def add_to(blueprint: Blueprint) -> None:
    """The page, and each list as a file."""
    blueprint.add_url_rule("/lists", "lists", _page)
    blueprint.add_url_rule("/lists.csv", "lists_csv", _csv)


def asked() -> Asked:
    """The lists of whoever is signed in, as of now."""
    return Asked(my_scope(), desk().day(), desk().pipeline.on)


def _page() -> str:
    wanted, page = asked(), max(1, min(request.args.get("page", 1, int), _MOST_PAGES))
    with desk().engine.connect() as connection:
        counts = line_lists.count(connection, wanted)
        line = _line(request.args["list"]) if "list" in request.args else _first(counts)
        rows = line_lists.listed(connection, wanted, line, page)
    shown = {"counts": counts, "line": line, "rows": rows, "page": page, "all": sum(counts.values())}
    return render_template(
        "console/line_lists.html",
        lines=LINES,
        tones=TONES,
        pages=-(-counts[line] // PAGE),
        several=wanted.scope.several,
        day=wanted.day,
        **shown,
    )


def _first(counts: Mapping[Line, int]) -> Line:
    """Which one is opened first: the most pressing with anybody on it."""
    return next((line for line in Line if counts[line]), Line.VERIFY)


def _line(name: str) -> Line:
    try:
        return Line(name)
    except ValueError:
        abort(404)


def _csv() -> Response:
    """Written as it is read. A connection that breaks leaves a file that ends early, and nothing else."""
    line, wanted = _line(request.args.get("list", "")), asked()
    _log.info("list %s of %s written for staff %s", line, wanted.scope.unit_code, me().id)
    name = f"{line}-{wanted.day.today}.csv"
    return Response(
        stream_with_context(_written(line, wanted)),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def _written(line: Line, wanted: Asked) -> Iterator[str]:
    with desk().engine.connect() as connection:
        yield from line_files.written(line_lists.everybody(connection, wanted, line), desk().unit_name)
