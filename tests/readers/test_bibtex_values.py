"""What a BibTeX entry says by way of others."""


def test_an_entry_has_from_its_volume_what_it_does_not_say_itself(read):
    content = (
        "@inproceedings{a, title = {On bees}, author = {Smith, John}, pages = {1--2}, crossref = {Volume}}\n"
        "@proceedings{volume, title = {Proceedings}, editor = {Ed, Ann}, year = 2015, "
        "publisher = {ACM}, doi = {10.1/p}}\n"
    )
    paper, volume = read("a.bib", content)
    assert (paper.title, paper.venue, paper.year, paper.doi) == ("On bees", "Proceedings", 2015, "")
    assert (volume.title, volume.doi) == ("Proceedings", "10.1/p")


def test_a_circle_of_references_ends(read):
    content = "@misc{a, title = {A}, crossref = {b}}\n@misc{b, title = {B}, crossref = {a}, year = 2015}\n"
    assert [(paper.title, paper.year) for paper in read("a.bib", content)] == [("A", 2015), ("B", 2015)]


def test_keys_that_differ_in_case_are_two_entries(read):
    assert [paper.title for paper in read("a.bib", "@misc{a, title = {x}}\n@misc{A, title = {y}}\n")] == [
        "x",
        "y",
    ]


def test_strings_are_joined(read):
    content = (
        '@string{acta = "Acta " # {Bot}}\n@string{full = acta # {anica}}\n'
        '@article{a, title = "No. # 1", journal = full # " B", date = "2015-" # jan}\n'
    )
    [paper] = read("a.bib", content)
    assert (paper.title, paper.venue, paper.year) == ("No. # 1", "Acta Botanica B", 2015)


def test_a_subtitle_belongs_to_the_title(read):
    [paper] = read("a.bib", "@article{a, title = {Bees}, subtitle = {A study}}\n")
    assert paper.title == "Bees: A study"


def test_common_commands_of_text_are_characters(read):
    title = r"CO\textsubscript{2}, m\textsuperscript{2}, \textmu m \texttimes{} \textpm 1\textregistered"
    [paper] = read("a.bib", f"@article{{a, title = {{{title}}}}}")
    assert paper.title == "CO2, m2, μm × ±1®"
