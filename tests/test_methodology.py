"""The methods that come with the package, and what a broken methodology file is told."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from funnel_analytics.assembly import Parts, assemble
from funnel_analytics.errors import MethodologyError
from funnel_analytics.exports.profiles.labels import label_key
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.messages import in_language
from funnel_analytics.methodology import Methodology, builtin_methodologies, load_methodology
from funnel_analytics.methodology_parts import INSPECTION_RULES

GUIDE = (Path(__file__).parents[1] / "docs" / "methodology.md").read_text(encoding="utf-8")
BUILTIN = builtin_methodologies()
ITEM = '[[stage.evidence_item]]\nkey = "plan"\n'
RULE = '[[inspection]]\nkey = "stalled"\n'
SMALL = '[[stage]]\nkey = "First"\nprobability = 0.1\n'


def labels(method: Methodology) -> dict[str, set[str]]:
    """Every label of a stage, as the reader compares them, with the stages it belongs to."""
    found: dict[str, set[str]] = {}
    for stage in method.stages:
        for label in (stage.key, *stage.name.values(), *stage.aliases):
            found.setdefault(label_key(label), set()).add(stage.key)
    return found


def texts(method: Methodology) -> Iterator[tuple[str, dict[str, str]]]:
    """Every text of a method, with what it is."""
    yield "name", dict(method.name)
    for part in (*method.stages, *method.criteria):
        yield f"{part.key} name", dict(part.name)
    for criterion in method.criteria:
        yield f"{criterion.key} questions", dict(criterion.questions)
    for holder in (*method.stages, *method.segments, method):
        for name, words in holder.texts.items():
            yield f"{holder.key} {name}", dict(words)
    for key, words in (*method.groups.items(), *method.labels.items()):
        yield key, dict(words)
    for stage in method.stages:
        for item in stage.evidence_items:
            yield f"{item.key} name", dict(item.name)


def load(folder: Path, text: str) -> Methodology:
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return load_methodology(path)


@pytest.mark.parametrize("key", BUILTIN)
def test_every_built_in_method_has_its_texts_in_every_language(key: str) -> None:
    method = load_methodology(key)
    assert method.key == key
    for name, words in texts(method):
        assert set(words) == set(LANGUAGES), name
        assert all(len(word.strip()) > 1 or word in "高中低" for word in words.values()), name


@pytest.mark.parametrize("key", BUILTIN)
def test_chinese_texts_are_written_in_their_own_script(key: str) -> None:
    # GB 2312 has no traditional and Big5 no simplified characters.
    for name, words in texts(load_methodology(key)):
        for language, encoding in (("zh-Hans", "gb2312"), ("zh-Hant", "big5")):
            strange = [sign for sign in words[language] if "\u4e00" <= sign <= "\u9fff" and not encodes(sign, encoding)]
            assert strange == [], f"{name}: {words[language]}"


def encodes(sign: str, encoding: str) -> bool:
    try:
        return bool(sign.encode(encoding))
    except UnicodeEncodeError:
        return False


@pytest.mark.parametrize("key", BUILTIN)
def test_nominal_percentages_never_fall_from_stage_to_stage(key: str) -> None:
    probabilities = [stage.probability for stage in load_methodology(key).stages]
    assert probabilities == sorted(probabilities)


@pytest.mark.parametrize("key", BUILTIN)
def test_no_label_means_two_stages_of_one_method(key: str) -> None:
    assert {label: stages for label, stages in labels(load_methodology(key)).items() if len(stages) > 1} == {}


@pytest.mark.parametrize("key", BUILTIN)
def test_a_default_process_is_best_known_by_its_own_method(key: str) -> None:
    method = load_methodology(key)
    own = [label_key(stage) for stage in method.stage_keys]
    for other in BUILTIN:
        known = sum(label in labels(load_methodology(other)) for label in own)
        assert known == len(own) if other == key else known < len(own), other


def test_the_large_account_method_has_the_seven_stages_with_their_percentages() -> None:
    method = load_methodology()
    assert {stage.key: stage.probability for stage in method.stages} == {
        "Discover": 0, "Qualify": 0.1, "Develop": 0.2, "Solution": 0.4, "Proof": 0.6, "Close": 0.8, "Deploy": 1.0,
    }  # fmt: skip
    assert method.open_stages == method.stage_keys[:-1]
    for stage in method.stages:
        assert {"milestone", "evidence", "purpose", "buyer", "value"} <= set(stage.texts)


def test_the_default_processes_have_their_products_stages_and_percentages() -> None:
    expected = {
        "salesforce": {
            "Prospecting": 0.1, "Qualification": 0.1, "Needs Analysis": 0.2, "Value Proposition": 0.5,
            "Id. Decision Makers": 0.6, "Perception Analysis": 0.7, "Proposal/Price Quote": 0.75, "Negotiation/Review": 0.9,
        },
        "hubspot": {
            "Appointment Scheduled": 0.2, "Qualified To Buy": 0.4, "Presentation Scheduled": 0.6,
            "Decision Maker Bought-In": 0.8, "Contract Sent": 0.9,
        },
    }  # fmt: skip
    for key, stages in expected.items():
        assert {stage.key: stage.probability for stage in load_methodology(key).stages} == stages
    assert load_methodology("dynamics365").stage_keys == ["Qualify", "Develop", "Propose", "Close"]
    assert load_methodology("pipedrive").stage_keys == [
        "Qualified", "Contact Made", "Demo Scheduled", "Proposal Made", "Negotiations Started",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "label", "stage"),
    [
        ("large_account", "POC", "Proof"),
        ("large_account", "Solution fit", "Solution"),
        ("large_account", "赢取胜利", "Close"),
        ("large_account", "拓展", "Develop"),
        ("large_account", "關係建立", "Develop"),
        ("salesforce", "方案报价", "Proposal/Price Quote"),
        ("salesforce", "需求訪談", "Needs Analysis"),
        ("hubspot", "decisionmakerboughtin", "Decision Maker Bought-In"),
    ],
)
def test_common_labels_find_their_stage(method: str, label: str, stage: str) -> None:
    assert labels(load_methodology(method))[label_key(label)] == {stage}


def test_the_ten_criteria_stand_in_three_groups_of_four_three_and_three() -> None:
    method = load_methodology()
    sizes = [sum(criterion.group == group for criterion in method.criteria) for group in method.groups]
    assert sizes == [4, 3, 3]


@pytest.mark.parametrize(
    ("revenue", "potential", "segment"),
    [
        ("high", "high", "A+"),
        ("low", "high", "A"),
        ("high", "low", "B"),
        ("low", "low", "C"),
        ("low", "not_assessable", "D"),
        ("unknown", "not_assessable", "D"),
        ("high", "not_assessable", "unrated"),
        ("unknown", "high", "unrated"),
        ("unknown", "low", "unrated"),
    ],
)
@pytest.mark.parametrize("key", BUILTIN)
def test_the_grid_gives_the_classes_of_the_method(key: str, revenue: str, potential: str, segment: str) -> None:
    assert load_methodology(key).segment(revenue, potential) == segment


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('key = "x"', "ours.toml names no stage"),
        ("[[stage]]\nprobability = 0.1", "stage 1 has no key"),
        ('[[stage]]\nkey = "First"', "stage 'First' has no probability"),
        ('[[stage]]\nkey = "First"\nprobabilty = 0.1', "has no probability; it has: key, probabilty"),
        ('[[stage]]\nkey = "First"\nprobability = 10', "stage 'First' has probability 10. Accepted: 0 to 1"),
        ('[stage]\nkey = "First"', r"Write \[\[stage\]\]"),
        (SMALL + SMALL, "stage 'First' stands twice"),
        (SMALL + 'outcome = "lost"', "stage 'First' has outcome 'lost'. Accepted: \"won\""),
        (SMALL + 'aliases = "One"', "stage 'First': aliases is 'One'. Accepted: a list"),
        (SMALL + 'name = { zh-Hans = "第一" }', "stage 'First': name has no text for en"),
        (SMALL + "evidence = 3", "stage 'First': evidence is 3. Accepted: a text"),
        (SMALL + '[[stage]]\nkey = "Second"\nprobability = 0.2\naliases = ["first "]', "'first ' belongs to two stages"),
        (SMALL + "[stages]", "'stages' is no part of a methodology. Did you mean 'stage'"),
        (SMALL + '[[criterion]]\nkey = "pain"\ngroup = "need"', "criterion 'pain' is in an unknown group 'need'"),
        (SMALL + '[[group]]\nkey = "need"\n[[criterion]]\nkey = "pain"', "group 'need' has no name"),
        (SMALL + '[[segment]]\nkey = "A"', "segment 'A' has no cells"),
        (SMALL + '[[segment]]\nkey = "A"\ncells = [["hgih", "low"]]', "segment 'A': 'hgih' is not a level of revenue. Did you mean 'high'"),
        (SMALL + '[[segment]]\nkey = "A"\ncells = ["high"]', "segment 'A': a cell is 'high'. Accepted: a pair"),
        (
            SMALL + '[[segment]]\nkey = "A"\ncells = []\nresources = "high"\ninvolvement = "asess"\nstrategy = "assess"',
            "segment 'A': 'asess' has no words; .* Did you mean 'assess'",
        ),
        (SMALL + '[[stage.evidence_item]]\nname = "Plan"', "stage 'First': evidence_item 1 has no key"),
        (SMALL + ITEM + ITEM, "stage 'First': evidence_item 'plan' stands twice"),
        (SMALL + ITEM + 'required = "no"', "evidence_item 'plan': required is 'no'. Accepted: true or false"),
        (SMALL + ITEM + "requred = false", "evidence_item 'plan' does not know 'requred'. Did you mean 'required'"),
        (SMALL + ITEM + 'aliases = "Plan"', "evidence_item 'plan': aliases is 'Plan'"),
        (SMALL + ITEM + 'name = { zh-Hans = "计划" }', "evidence_item 'plan': name has no text for en"),
        (SMALL + ITEM + 'aliases = ["first"]', "'first' names the evidence 'plan' and also 'First'"),
        (
            SMALL + ITEM + '[[stage.evidence_item]]\nkey = "sponsor"\naliases = ["PLAN "]',
            "'PLAN ' names the evidence 'sponsor' and also 'plan'",
        ),
        (SMALL + '[[inspection]]\nkey = "stale"\nweight = 0.1', "inspection 'stale' is no rule of inspection. Did you mean 'stalled'"),
        (SMALL + RULE, "inspection 'stalled' has no weight"),
        (SMALL + RULE + "weight = 40", "inspection 'stalled': weight is 40. Accepted: 0 to 1"),
        (SMALL + RULE + "weight = -0.1", "weight is -0.1. Accepted: a number, 0 or more"),
        (SMALL + RULE + "weight = true", "weight is True. Accepted: a number"),
        (SMALL + RULE + 'weight = 0.1\nthreshold = "30"', "threshold is '30'. Accepted: a number"),
        (SMALL + RULE + "weight = 0.1\nthreshold = nan", "threshold is nan. Accepted: a number"),
        (SMALL + RULE + "weight = 0.1\ntreshold = 3", "inspection 'stalled' does not know 'treshold'. Did you mean 'threshold'"),
        (SMALL + RULE + "weight = 0.1\n" + RULE, "inspection 'stalled' stands twice"),
        (SMALL + '[inspection]\nkey = "stalled"', r"Write \[\[inspection\]\]"),
        (SMALL + "[rating]\nlow = 5\nhigh = 1", "rating scale runs from 5 to 1"),
        (SMALL + "[rating]\npotential_cut = 60", "potential_cut is 60. Accepted: 0 to 1"),
        ("[[stage]\n", r"ours.toml is not valid TOML: .*line 1"),
    ],
)  # fmt: skip
def test_a_broken_file_is_told_where_it_is_broken(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(MethodologyError, match=said):
        load(tmp_path, text)


def test_rules_of_inspection_are_the_large_accounts_unless_the_file_gives_its_own(tmp_path: Path) -> None:
    assert load(tmp_path, SMALL).inspection == load_methodology().inspection
    assert [rule.key for rule in load_methodology().inspection] == list(INSPECTION_RULES)
    (rule,) = load(tmp_path, SMALL + RULE + "weight = 1").inspection
    # A threshold that is left out is the built-in one.
    assert (rule.key, rule.weight, rule.threshold) == ("stalled", 1.0, 1.0)
    assert load(tmp_path, "inspection = []\n" + SMALL).inspection == ()


def test_evidence_belongs_to_its_stage_and_is_never_taken_over(tmp_path: Path) -> None:
    method = load(
        tmp_path,
        SMALL + ITEM + '[[stage.evidence_item]]\nkey = "signed"\nrequired = false\n' + SMALL.replace("First", "Second"),
    )
    assert method.evidence_keys == ["plan", "signed"]
    assert [stage.required_evidence for stage in method.stages] == [["plan"], []]
    assert load(tmp_path, SMALL).evidence_keys == []
    assert load_methodology().words()["verbal_approval"]["zh-Hans"] == "已获得口头认可"


def test_the_guide_states_the_built_in_rules() -> None:
    stated = re.findall(r"^\| `(\w+)` \|.*\| (none|[\d.]+) \| ([\d.]+) \|$", GUIDE, flags=re.MULTILINE)
    assert [(key, 0.0 if cut == "none" else float(cut), float(weight)) for key, cut, weight in stated] == [
        (rule.key, rule.threshold, rule.weight) for rule in load_methodology().inspection
    ]


def test_a_file_of_another_encoding_is_told_how_to_save_it(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_bytes((SMALL + 'name = "发现"').encode("gb18030"))
    with pytest.raises(MethodologyError, match=r"ours\.toml is not saved as UTF-8"):
        load_methodology(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[stage]\n", "ours.toml 不是有效的 TOML：第 1 行第 8 个字符处无法读取。"),
        ("[[stage]]\nkey = ", "ours.toml 不是有效的 TOML：文件末尾不完整。"),
    ],
)
def test_the_place_of_a_mistake_is_said_in_chinese_alone(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(MethodologyError) as broken:
        load(tmp_path, text)
    assert in_language(broken.value, "zh-Hans") == said


def test_a_byte_order_mark_as_windows_writes_it_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(SMALL, encoding="utf-8-sig")
    assert load_methodology(path).stage_keys == ["First"]


def test_an_edited_file_is_read_anew(tmp_path: Path) -> None:
    load(tmp_path, SMALL)
    assert load(tmp_path, SMALL.replace("First", "Start")).stage_keys == ["Start"]


def test_an_unknown_method_is_told_the_nearest() -> None:
    with pytest.raises(MethodologyError, match="Did you mean 'hubspot'"):
        load_methodology("hubspt")
    with pytest.raises(
        MethodologyError, match=r"no methodology file nowhere\.toml\. Give its path, or .* large_account"
    ):
        load_methodology("nowhere.toml")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, flags=re.DOTALL)


def test_the_guides_file_loads_and_keeps_the_large_account_assessment(tmp_path: Path) -> None:
    method = load(tmp_path, blocks("toml")[0])
    assert method.stage_keys == ["Interest", "Offer", "Order"]
    assert method.open_stages == ["Interest", "Offer"]
    assert labels(method)[label_key("2. Lead-In (10%)")] == {"Interest"}
    assert method.stage("Offer").name["zh-Hant"] == "Offer"
    assert len(method.criteria) == 10
    assert method.segment("low", "high") == "A"


def test_the_guides_code_reads_exports_with_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "our_process.toml").write_text(blocks("toml")[0], encoding="utf-8")
    (tmp_path / "exports").mkdir()
    export = "opportunity_id,stage,outcome,amount,as_of\n1,1st meeting,open,100,2026-09-30\n2,Order,won,50,2026-09-30\n"
    (tmp_path / "exports" / "opportunities.csv").write_text(export, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(blocks("python")[0], names)
    assert names["book"].opportunities["stage"].tolist() == ["Interest", "Order"]


def test_the_guides_own_assessment_and_classes_are_used(tmp_path: Path) -> None:
    method = load(tmp_path, "\n".join(blocks("toml")))
    ratings = pd.DataFrame(
        [("1", "pain", 8), ("1", "urgency", 4), ("2", "pain", 10)], columns=["account_id", "criterion", "rating"]
    )
    # Account 1: (0.8 + 0.4) / 2 = 0.6, on the cut; account 2: one rating of two.
    assert method.potential(ratings)["potential"].tolist() == [0.6, pytest.approx(float("nan"), nan_ok=True)]
    accounts = pd.DataFrame({"account_id": ["1", "2"], "current_revenue": [5.0, 5.0]})
    opportunities = pd.DataFrame({"opportunity_id": ["1"], "account_id": ["1"], "as_of": [pd.Timestamp("2026-09-30")]})
    book = assemble(Parts(snapshots=opportunities, accounts=accounts, ratings=ratings), methodology=method)
    assert book.accounts["segment"].tolist() == ["Grow", "unrated"]
    assert book.context["words"]["visit_monthly"]["zh-Hans"] == "每月拜访"


def texts_in(data: object) -> Iterator[dict[str, str]]:
    """Every text per language in a TOML file: the tables that have an English one."""
    if isinstance(data, dict):
        if isinstance(data.get("en"), str):
            yield data
        for value in data.values():
            yield from texts_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts_in(value)


@pytest.mark.parametrize("folder", ["methodology", "outlines"])
def test_what_comes_with_the_package_is_said_in_chinese_too(folder: str) -> None:
    resources = Path(__file__).parents[1] / "src" / "funnel_analytics" / "resources" / folder
    for path in resources.glob("*.toml"):
        texts = list(texts_in(tomllib.loads(path.read_text(encoding="utf-8"))))
        assert texts
        assert [text for text in texts if not {"zh-Hans", "zh-Hant"} <= set(text)] == [], path.name
