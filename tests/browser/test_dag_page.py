"""`roar dag --html` in a real browser: it draws, moves, zooms, and tells of a run that is clicked."""

from __future__ import annotations

from pathlib import Path

import pytest
from pipeline import Pipeline
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

pytestmark = pytest.mark.slow


class Page:
    """The page of a pipeline of three steps, opened."""

    def __init__(self, browser: Chrome, root: Path) -> None:
        root.mkdir()
        pipeline = Pipeline(root, "ptrace")
        pipeline.write("raw.csv", "<raw> & data\n")
        pipeline.shell("cat raw.csv > clean.csv")
        pipeline.shell("cat clean.csv > 'a <b>.pt'")
        pipeline.shell("cat a*.pt > report.txt")
        pipeline.roar("dag", "--html", "dag.html")
        self.browser = browser
        browser.get((root / "dag.html").as_uri())

    def one(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def nodes(self) -> list[WebElement]:
        """The boxes of the runs, in their order."""
        return self.browser.find_elements(By.CSS_SELECTOR, 'g.node[id^="job-"]')

    def place(self) -> tuple[float, float, float]:
        """Scale, left and top of the picture."""
        matrix = self.one("#view svg").value_of_css_property("transform")
        scale, _, _, _, left, top = map(float, matrix.removeprefix("matrix(").rstrip(")").split(","))
        return scale, left, top

    def is_faded(self, node: WebElement) -> bool:
        return node.value_of_css_property("opacity") != "1"


@pytest.fixture
def page(browser: Chrome, tmp_path: Path) -> Page:
    return Page(browser, tmp_path / "project")


def test_every_run_is_drawn_inside_the_window(page: Page) -> None:
    assert len(page.nodes()) == 3
    view = page.one("#view").rect
    for node in page.nodes():
        box = node.rect
        assert box["width"] > 50
        assert view["x"] <= box["x"] <= view["x"] + view["width"] - box["width"]
        assert view["y"] <= box["y"] <= view["y"] + view["height"] - box["height"]


def test_click_on_a_run_tells_of_it_and_fades_what_is_not_near(page: Page) -> None:
    first, second, third = page.nodes()
    first.find_element(By.CSS_SELECTOR, "text").click()
    told = page.one("#details").text
    for text in (
        "@1 active",
        "sh -c 'cat raw.csv > clean.csv'",
        "inputs (1)\nraw.csv",
        "outputs (1)\nclean.csv",
    ):
        assert text in told
    assert [page.is_faded(node) for node in (first, second, third)] == [False, False, True]
    ActionChains(page.browser).send_keys(Keys.ESCAPE).perform()
    assert not page.one("#details").is_displayed()
    assert not page.is_faded(third)


def test_names_are_shown_as_they_are(page: Page) -> None:
    page.nodes()[1].find_element(By.CSS_SELECTOR, "text").click()
    assert "a <b>.pt" in page.one("#details").text


def test_keyboard_alone_will_do(page: Page) -> None:
    ActionChains(page.browser).send_keys(*[Keys.TAB] * 4, Keys.ENTER).perform()
    assert "@1" in page.one("#details").text


def test_drag_moves_the_picture_and_opens_nothing(page: Page) -> None:
    scale, left, top = page.place()
    first = page.nodes()[0]
    ActionChains(page.browser).move_to_element(first).click_and_hold().move_by_offset(
        50, 30
    ).release().perform()
    assert page.place() == pytest.approx((scale, left + 50, top + 30), abs=1)
    assert not page.one("#details").is_displayed()


def test_wheel_and_buttons_zoom(page: Page) -> None:
    begun = page.place()
    ActionChains(page.browser).scroll_from_origin(
        ScrollOrigin.from_element(page.one("#view")), 0, -200
    ).perform()
    wheeled, _, _ = page.place()
    assert wheeled > begun[0] * 1.1
    page.one("#out").click()
    assert page.place()[0] == pytest.approx(wheeled / 1.3, rel=0.01)
    page.one("#fit").click()
    assert page.place() == pytest.approx(begun, abs=0.01)
