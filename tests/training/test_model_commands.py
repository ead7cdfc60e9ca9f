import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from frameline import main
from model.annotation import Annotation
from model.labeller import Labeller
from model.registry import Registry
from tests.checkpoints import vary
from tests.conftest import ROOT
from training.archive_change import ArchiveChange
from training.comparison import Comparison
from training.comparison_table import show_change, show_comparison
from training.model_commands import models as commands

TEXTS = ("Arland said it would guard the border .", "People fled the town with Voss and no bread .")


@pytest.fixture
def registry(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """v1 gives every frame, v2 none, v3 every frame as v1 does, v4 every frame but by other names."""
    monkeypatch.setattr("training.speed._SENTENCES", 4)
    monkeypatch.setattr("os.fsync", lambda descriptor: None)
    monkeypatch.setenv("FRAMELINE_REGISTRY", str(tmp_path / "registry"))
    for name, threshold, renamed in (
        ("all", 0.0, {}),
        ("none", 1.0, {}),
        ("same", 0.001, {}),
        ("other", 0.0, {"guarding": "holding"}),
    ):
        result = models("add", vary(checkpoint, tmp_path / name, threshold, **renamed), "--note", name)
        assert result.exit_code == 0, result.output
    return Registry(tmp_path / "registry")


@pytest.fixture
def held_out(tmp_path: Path) -> Path:
    """Twenty documents, all sentences with both frames."""
    rows = []
    for number in range(40):
        text = TEXTS[number % 2]
        mention = "Arland" if number % 2 == 0 else "Voss"
        start = text.index(mention)
        rows.append(
            Annotation.model_validate(
                {
                    "id": f"s{number}",
                    "document": f"d{number // 2}",
                    "text": text,
                    "frames": ["guarding", "fleeing"],
                    "actors": [{"start": start, "end": start + len(mention), "stance": "neutral"}],
                    "annotator": "one",
                    "origin": "test",
                }
            )
        )
    file = tmp_path / "held-out.jsonl"
    file.write_text("".join(row.model_dump_json() + "\n" for row in rows), encoding="utf-8")
    return file


def models(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["models", *map(str, arguments)], terminal_width=200)


def log() -> list[dict[str, Any]]:
    return [json.loads(line) for line in models("log", "--json").stdout.splitlines()]


def test_versions_are_listed_and_shown(registry: Registry, run_folder: Path, checkpoint: Path, tmp_path: Path) -> None:
    added = models("add", checkpoint, "--run", run_folder, "--by", "ada")
    assert added.exit_code == 0, added.output
    assert "v5: tiny 1.0" in added.stdout
    assert "is this very checkpoint already" in models("add", checkpoint).stdout
    listed = models("list").stdout.splitlines()
    assert len(listed) == 6
    assert "none" in listed[2]
    shown = models("show", "v5").stdout
    for part in ("by ada", "seed = 1", "tiny 1.0, int8", run_folder.name):
        assert part in shown
    assert models("show", "5", "--path").stdout.strip() == str(registry.folder / "versions" / "v5" / "checkpoint")
    assert json.loads(models("show", "v5", "--json").stdout)["lineage"]["settings"]["seed"] == 1


def test_a_better_version_is_promoted_and_a_worse_one_refused(registry: Registry, held_out: Path) -> None:
    first = models("promote", "v2", "--against", "v2", "--by", "ada")
    assert first.exit_code == 0, first.output
    better = models("promote", "v1", "--annotations", held_out, "--by", "ada", "--reason", "gives frames")
    assert better.exit_code == 0, better.output
    assert "better" in better.stdout
    assert "v1 is in service, in the place of v2" in better.stdout
    worse = models("promote", "v2", "--annotations", held_out, "--by", "bob")
    assert worse.exit_code == 4
    assert "guarding: F1 1.000 before, 0.000 after" in worse.stderr
    assert "fleeing: F1 1.000 before, 0.000 after" in worse.stderr
    assert registry.pointer().version == "v1"
    assert models("promote", "v2", "--force").exit_code == 2
    forced = models("promote", "v2", "--force", "--reason", "to try it", "--by", "bob")  # by the comparison on record
    assert forced.exit_code == 0, forced.output
    assert "forced: guarding" in forced.stderr
    back = models("rollback", "--reason", "tried")
    assert "v1 is in service again, in the place of v2." in back.stdout
    assert [(one["action"], one["version"], one["by"], one["forced"]) for one in log()[:4]] == [
        ("promoted", "v2", "ada", False),
        ("promoted", "v1", "ada", False),
        ("refused", "v2", "bob", False),
        ("promoted", "v2", "bob", True),
    ]
    assert (log()[4]["action"], log()[4]["reason"]) == ("rolled back", "tried")
    assert log()[2]["evidence"] == log()[3]["evidence"]
    assert len(log()[2]["findings"]) == 2
    told = models("log").stdout
    for words in ("v2 promoted by force, was v1", "because: to try it", "against it: guarding", "v2 refused, v1 stays"):
        assert words in told


def test_where_nobody_has_marked_actors_mentions_are_not_compared(
    registry: Registry, held_out: Path, tmp_path: Path
) -> None:
    rows = [json.loads(line) | {"actors": []} for line in held_out.read_text(encoding="utf-8").splitlines()]
    held_out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = tmp_path / "out.json"
    compared = models("compare", "v1", "v3", "--annotations", held_out, "--json", out)
    assert compared.exit_code == 0, compared.output
    assert [row["kind"] for row in json.loads(out.read_text(encoding="utf-8"))["labels"]] == ["frame", "frame"]


def test_models_are_compared_and_promoted_by_a_codebook_with_further_actors(
    registry: Registry, codebook_file: Path, held_out: Path, tmp_path: Path
) -> None:
    """A comparison by it is another one than that by the models' own."""
    more, out = tmp_path / "more.yaml", tmp_path / "out.json"
    further = "  - {id: border, name: Border, kind: organisation}\n"
    more.write_text(codebook_file.read_text(encoding="utf-8") + further, encoding="utf-8")
    rows = [json.loads(line) for line in held_out.read_text(encoding="utf-8").splitlines()]
    start = rows[0]["text"].index("border")
    rows[0]["actors"].append({"start": start, "end": start + 6, "stance": "neutral", "actor": "border"})
    held_out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    options = ("--annotations", held_out, "--codebook", more)
    models("promote", "v1", "--against", "v1")
    unknown = models("promote", "v3", "--annotations", held_out)
    assert (unknown.exit_code, "take one that has it (--codebook)" in unknown.stderr) == (2, True)
    compared = models("compare", "v1", "v3", *options, "--json", out, "--page", tmp_path / "page.html")
    assert compared.exit_code == 0, compared.output
    assert set(json.loads(out.read_text(encoding="utf-8"))["data"]) == {str(held_out), str(more)}
    assert models("promote", "v3", *options).exit_code == 0
    assert len(Registry(registry.folder).comparisons()) == 1
    refused = models("compare", "v1", "v4", *options)
    assert (refused.exit_code, "--codebook, v4: the codebook tiny-1+" in refused.stderr) == (2, True)
    assert "name them with --annotations FILE" in models("promote", "v1", "--codebook", more).stderr
    assert "would be replaced" in models("compare", "v1", "v3", *options, "--json", more).stderr


def test_without_held_out_sentences_it_is_refused(registry: Registry) -> None:
    models("promote", "v2", "--against", "v2")
    refused = models("promote", "v1")
    assert refused.exit_code == 4
    assert "no comparison of v1 with v2 on held-out sentences: give --annotations FILES" in refused.stderr
    assert models("promote", "v1", "--force", "--reason", "no data yet").exit_code == 0
    assert "v1 is in service already" in models("promote", "v1").stdout


def test_a_recorded_comparison_is_taken(registry: Registry, held_out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models("promote", "v1", "--against", "v1")
    assert models("compare", "v1", "v3", "--annotations", held_out).exit_code == 0

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("compared again")

    monkeypatch.setattr("training.comparing.compare", fail)
    promoted = models("promote", "v3", "--annotations", held_out)
    assert promoted.exit_code == 0, promoted.output


def test_a_version_without_a_label_is_refused(registry: Registry, held_out: Path) -> None:
    models("promote", "v1", "--against", "v1")
    refused = models("promote", "v4", "--annotations", held_out)
    assert refused.exit_code == 4
    assert "guarding: v4 no longer has this label" in refused.stderr


def test_a_lost_frame_is_seen_though_a_stance_has_its_id(
    registry: Registry, checkpoint: Path, held_out: Path, tmp_path: Path
) -> None:
    models("add", vary(checkpoint, tmp_path / "twice", 0.0, guarding="critical"))
    models("promote", "v5", "--against", "v5")
    refused = models("promote", "v1", "--annotations", held_out)
    assert refused.exit_code == 4, refused.output
    assert "critical (frame): v1 no longer has this label" in refused.stderr


def test_the_first_version_of_a_codebook_has_nothing_to_be_compared_with(registry: Registry) -> None:
    promoted = models("promote", "v1")
    assert promoted.exit_code == 0, promoted.output
    assert "v1 is the first of its codebook" in promoted.stdout


def test_sentences_that_a_model_has_seen_are_named_and_left_out(
    registry: Registry, checkpoint: Path, held_out: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    documents = {"train": ["d1", "d2"], "development": ["d3"], "test": ["d4"]}
    (run / "run.json").write_text(json.dumps({"settings": {}, "data": {}, "documents": documents}), encoding="utf-8")
    (run / "metrics.json").write_text("{}", encoding="utf-8")
    models("add", vary(checkpoint, tmp_path / "earlier", 0.3), "--run", run)
    out = tmp_path / "out.json"
    compared = models("compare", "v1", "v5", "--annotations", held_out, "--json", out)
    assert compared.exit_code == 0, compared.output
    words = " ".join(compared.stdout.split())
    assert "WARNING v5 was trained on 4 of the sentences, of 2 documents: d1, d2. They are left out." in words
    assert "WARNING v5 was chosen by 2 of the sentences, of 1 documents: d3. They are left out." in words
    assert "No full record says what v1 saw in training" in words
    content = json.loads(out.read_text(encoding="utf-8"))
    assert (content["sentences"], content["documents"], len(content["known"])) == (34, 17, 6)
    kept = models("compare", "v1", "v5", "--annotations", held_out, "--keep-known")
    assert "40 sentences of 20 documents" in kept.stdout
    assert "so these figures prove nothing" in kept.stdout
    child = vary(checkpoint, tmp_path / "child", 0.5)
    assert models("add", child, "--parent", "v5").exit_code == 0
    inherited = " ".join(models("compare", "v1", "v6", "--annotations", held_out).stdout.split())
    assert "WARNING v6 was trained on 4 of the sentences" in inherited
    assert "No full record says what v1 and v6 saw in training" in inherited
    models("promote", "v1", "--against", "v1")
    known = "\n".join(line for line in held_out.read_text(encoding="utf-8").splitlines() if '"d1"' in line)
    held_out.write_text(known, encoding="utf-8")
    refused = models("promote", "v5", "--annotations", held_out)
    assert refused.exit_code == 2
    assert "all 2 sentences are of documents that v1 or v5 was made from" in refused.stderr


def test_a_comparison_as_json_and_as_a_page(registry: Registry, held_out: Path, tmp_path: Path) -> None:
    out, page = tmp_path / "out.json", tmp_path / "page.html"
    compared = models("compare", "v1", "2", "--annotations", held_out, "--json", out, "--page", page)
    assert compared.exit_code == 0, compared.output
    content = json.loads(out.read_text(encoding="utf-8"))
    rows = {row["label"]: row for row in content["labels"]}
    assert (rows["guarding"]["f1_a"], rows["guarding"]["f1_b"], rows["guarding"]["only_a"]) == (1, 0, 40)
    assert rows["guarding"]["p_corrected"] < 0.05
    assert rows["actor mention"]["difference"] == 0
    assert rows["neutral"]["mcnemar_corrected"] == 1
    assert (
        content["a"]["calibration"].keys() == content["b"]["brier"].keys() == {"guarding", "fleeing", "macro average"}
    )
    assert content["b"]["sentences_per_second"] > 0
    assert content["findings"][0].startswith("guarding: ")
    narrow = Console(width=80, record=True, file=io.StringIO())
    long = content["labels"][0] | {"label": "a_label_with_quite_a_long_name"}
    fields = {name: value for name, value in content.items() if name not in ("findings", "archive")}
    show_comparison(narrow, Comparison.model_validate_json(json.dumps(fields | {"labels": [long]})))
    assert "1.000 0.000 -1.000 -1.00 to -1.00" in narrow.export_text()
    html = page.read_text(encoding="utf-8")
    assert '<th scope="col"></th>' not in html
    for words in ("2 against v1", "B is significantly worse", TEXTS[0], "A is right, B is wrong", "<svg", "Holm"):
        assert words in html
    assert "://" not in html


def write_archive(folder: Path, labeller: Labeller, count: int, *, text: bool = True) -> None:
    """The tables of an archive in which a labeller has scored the two texts in turn."""
    sentences, stances = [], []
    for number in range(count):
        (sentence,) = labeller.classify(TEXTS[number % 2], split=False).sentences
        row: dict[str, Any] = {"sentence_id": f"a-{number:07d}-0000", "document": f"d{number}", "text": sentence.text}
        for score in sentence.frames:
            row |= {score.frame: score.present, f"{score.frame}_probability": score.probability}
        sentences.append(row)
        stances += [
            {"sentence_id": row["sentence_id"], "mention": actor.mention, "stance": actor.stance}
            for actor in sentence.actors
        ]
    for name, rows in (("sentences", sentences), ("stances", stances)):
        (folder / name).mkdir(parents=True)
        table = pa.Table.from_pylist(rows)
        table = table if text or name == "stances" else table.drop_columns(["text"])
        for part, start in enumerate(range(0, len(rows), 7)):
            pq.write_table(table.slice(start, 7), folder / name / f"part-{part:06d}.parquet")
    manifest = {"model": {"name": "tiny", "version": "1.0", "codebook": "tiny-1"}, "frames": []}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize("option", ["--json", "--page"])
def test_what_cannot_be_written_stops_a_comparison_before_it_labels(
    registry: Registry, held_out: Path, tmp_path: Path, option: str
) -> None:
    result = models("compare", "v1", "v2", "--annotations", held_out, option, tmp_path / "nope" / "x")
    assert (result.exit_code, f"there is no folder {tmp_path / 'nope'}" in result.stderr) == (2, True)
    assert not list(tmp_path.glob("registry/comparisons/*"))


def test_what_would_change_in_an_archive(registry: Registry, held_out: Path, tmp_path: Path) -> None:
    labeller = Labeller.from_checkpoint(registry.checkpoint(registry.version("v2")), threads=1)
    write_archive(tmp_path / "scored", labeller, 20)
    labeller.close()
    out, page = tmp_path / "out.json", tmp_path / "page.html"
    options = ("--annotations", held_out, "--on", tmp_path / "scored", "--sample", "12", "--json", out, "--page", page)
    compared = models("compare", "v2", "v1", *options)
    assert compared.exit_code == 0, compared.output
    change = json.loads(out.read_text(encoding="utf-8"))["archive"]
    assert (change["sentences"], change["sample"], change["scored_by"]) == (20, 12, "tiny 1.0")
    guarding = change["frames"][0]
    assert (guarding["archive"], guarding["before"], guarding["after"]) == (0, 0, 1)
    assert (guarding["gained"], guarding["lost"], len(guarding["examples"])) == (12, 0, 5)
    assert all((one["gained"], one["lost"]) == (0, 0) for one in change["stances"])
    assert "not given → given" in compared.stdout
    assert "labelled again by B" in page.read_text(encoding="utf-8")
    for others in ({}, {"frames": ()}):
        wide = Console(width=120, record=True, file=io.StringIO())
        show_change(wide, ArchiveChange.model_validate_json(json.dumps(change | others)))
        assert ("Sentences with each frame" in wide.export_text()) == (not others)


def test_an_archive_without_texts_is_refused(registry: Registry, held_out: Path, tmp_path: Path) -> None:
    labeller = Labeller.from_checkpoint(registry.checkpoint(registry.version("v2")), threads=1)
    write_archive(tmp_path / "scored", labeller, 2, text=False)
    labeller.close()
    for folder, words in ((tmp_path / "scored", "have no texts"), (tmp_path / "nowhere", "no finished archive there")):
        result = models("compare", "v2", "v1", "--annotations", held_out, "--on", folder)
        assert result.exit_code == 2
        assert words in result.stderr


WITHOUT_EXTRAS = """
import json, sys
for name in ("torch", "transformers", "datasets", "sklearn", "scipy", "statsmodels", "pandas", "pyarrow", "mlflow"):
    sys.modules[name] = None
from frameline import main
codes = []
for arguments in json.loads(sys.argv[1]):
    try:
        main(["models", *arguments])
    except SystemExit as end:
        codes.append(end.code)
print(codes)
"""


def test_what_needs_no_statistics_needs_only_what_serving_needs(registry: Registry, held_out: Path) -> None:
    run = [
        ["list"],
        ["show", "v1"],
        ["promote", "v1", "--force", "--reason", "x"],
        ["rollback"],
        ["log"],
        ["compare", "v1", "v2", "--annotations", str(held_out)],
        ["add", str(registry.folder / "versions" / "v1" / "checkpoint"), "--mlflow", "http://127.0.0.1:9"],
    ]
    command = [sys.executable, "-c", WITHOUT_EXTRAS, json.dumps(run)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stdout.splitlines()[-1] == "[0, 0, 0, 0, 0, 2, 2]", done.stderr
    for extra in ("train", "mlflow"):
        assert f"pip install 'frameline[{extra}]'" in done.stderr


def test_the_guide_names_options_that_there_are() -> None:
    guide = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    shown = re.findall(r"^frameline models (\w+)(.*?)(?:#.*)?$", guide, re.MULTILINE)
    assert {name for name, _ in shown} == {"add", "compare", "promote", "rollback", "list", "show", "log"}
    for name, rest in shown:
        known = {option for parameter in commands.commands[name].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "v9"), "no version 'v9' there; `frameline models list` shows them"),
        (("promote", "nine"), "no version 'nine' there"),
        (("compare", "v1", "nowhere", "--annotations", "x"), "nor is 'nowhere' a checkpoint's folder or 'default'"),
        (("compare", "v1", "v2"), "name held-out sentences"),
        (("add", "nowhere"), "no checkpoint there"),
        (("rollback",), "no version is in service"),
    ],
)
def test_what_cannot_be_done_is_explained(registry: Registry, arguments: tuple[str, ...], words: str) -> None:
    result = models(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_what_a_labeller_says_of_a_sentence_alone_is_what_it_says_in_its_document(labeller: Labeller) -> None:
    """On this rests the labelling of an archive's sentences again."""
    document = labeller.classify(" ".join(TEXTS))
    alone = [labeller.classify(one.text, split=False).sentences[0] for one in document.sentences]
    assert [one.frames for one in alone] == [one.frames for one in document.sentences]
