"""Writing: whole or not at all."""

from __future__ import annotations

import os

import pytest

from caraml_analysis import paths
from caraml_analysis.errors import OutputError


def test_a_file_is_written_whole(tmp_path):
    target = paths.write_atomically(tmp_path / "new" / "a.txt", "text")
    assert target.read_text() == "text"
    assert [p.name for p in target.parent.iterdir()] == ["a.txt"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")

    def interrupted():
        with paths.atomic_path(target) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_is_a_file_is_an_output_error(tmp_path):
    blocked = tmp_path / "figures"
    blocked.write_text("a file where a folder should be")
    with pytest.raises(OutputError, match=r"cannot be written.*Nothing was changed.*--output"):
        paths.write_atomically(blocked / "a.txt", "text")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_an_output_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written"):
        paths.write_atomically(tmp_path / "a.txt", "text")


def test_figures_folder_can_be_named(monkeypatch, tmp_path):
    monkeypatch.setenv("CARAML_FIGURES", str(tmp_path))
    assert paths.figures_dir() == tmp_path


def test_project_is_found_from_a_subfolder(monkeypatch, tmp_path):
    (tmp_path / "caraml_analysis").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert paths.project_dir() == tmp_path


def test_outside_a_clone_the_working_directory_is_used(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert paths.project_dir() == tmp_path


def test_a_symbolic_link_stays_one_and_its_target_is_written(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to("elsewhere/real.txt")
    paths.write_atomically(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    assert [p.name for p in real.parent.iterdir()] == ["real.txt"]


def test_a_link_to_what_is_not_there_yet_is_followed(tmp_path):
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "new" / "real.txt")
    paths.write_atomically(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "new" / "real.txt").read_text() == "new"


def test_what_is_no_regular_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "to_device").symlink_to("/dev/null")
    kinds = {"pipe": "a pipe", "folder": "a folder", "to_device": "a device"}
    for name, kind in kinds.items():
        with pytest.raises(OutputError, match=rf"{name}: is {kind}, .*Nothing was written"):
            paths.write_atomically(tmp_path / name, "text")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(kinds)
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "to_device").is_symlink()


def test_links_in_a_circle_are_an_output_error(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OutputError, match=r"links in a circle.*Nothing was written"):
        paths.write_atomically(tmp_path / "a", "text")
    assert (tmp_path / "a").is_symlink()
