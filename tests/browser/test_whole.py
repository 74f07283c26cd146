"""From a typed text to the nurse's page and the unit's own system, as three people would see it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_phone import LUU, received, write

DECLARED = (
    ("KHAI", "Bac dong y khong? 1 Co 2 Khong"),
    ("dong y", "14 ngay qua bac co sot, ho, kho tho"),
    ("sot nhe, ho", "co gap ai nhu sau khong?"),
    ("ko", "co di khoi tinh khong?"),
    ("co, Bac Giang", "Xin bac cho biet ho va ten"),
    ("Hoang Thi Luu", "Bac sinh nam nao?"),
    ("1998", "la nam hay nu?"),
    ("nu", "dang o xa, phuong nao, tinh nao?"),
    ("xa Bat Xat, Lao Cai", "so nha, duong"),
    ("thon Ban Qua", "4 Hoang Thi Luu. 5 1998. 6 Nu. 7 xa Bat Xat, Lao Cai. 8 thon Ban Qua."),
    ("SUA 4 Hoang Thi Lu", "4 Hoang Thi Lu. 5 1998."),
    ("dung roi", "Da nhan to khai cua Hoang Thi Lu. Ma:"),
)


def test_a_declaration_typed_on_the_phone_is_on_the_nurses_page_and_at_the_unit(page: Page, site: Site) -> None:
    nurse, unit = page.context.new_page(), page.context.new_page()
    nurse.goto("/console/")
    nurse.get_by_role("button", name="dieuduong").click()
    expect(nurse.get_by_role("heading", level=1)).to_have_text("Trạm Y tế xã Bát Xát")

    page.goto(f"/phone?number={LUU}")
    for count, (text, answer) in enumerate(DECLARED, start=1):
        write(page, text)
        expect(received(page)).to_have_count(count)
        expect(received(page).nth(count - 1)).to_contain_text(answer)
    code = received(page).last.inner_text().split("Ma: ")[1][:11]

    row = nurse.get_by_role("row").filter(has_text="Hoang Thi Lu")
    expect(row).to_contain_text("sốt, ho")
    expect(row).to_contain_text(code)

    unit.goto("/demo/unit")
    expect(unit.get_by_role("listitem").filter(has_text="Hoang Thi Lu")).to_be_visible()


def test_danger_typed_on_the_phone_is_an_alert_that_the_nurse_takes_and_closes(page: Page, site: Site) -> None:
    nurse = page.context.new_page()
    nurse.goto("/console/")
    nurse.get_by_role("button", name="dieuduong").click()

    page.goto("/phone?number=0900000016")
    write(page, "kho tho qua")
    expect(received(page).filter(has_text="GOI 115 NGAY")).to_have_count(1)

    alert = nurse.locator("article, li, section").filter(has_text="Dấu hiệu nguy hiểm").last
    expect(alert).to_contain_text("kho tho qua")
    alert.get_by_role("button", name="Nhận").click()
    expect(alert.get_by_role("button", name="Nhận")).to_have_count(0)
