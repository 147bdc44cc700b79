"""Time loading the gazetteer and resolving the distinct embedded affiliation texts.

python benchmarks/geocoding_speed.py
"""

from __future__ import annotations

from time import perf_counter


def main() -> None:
    """Print loading time, texts per second and entries per second."""
    import caraml_analysis as ca

    entries = ca.load_authorships()
    texts = entries["affiliation"].drop_duplicates().tolist()
    start = perf_counter()
    ca.resolve("load everything")
    loaded = perf_counter()
    for text in texts:
        ca.resolve(text)
    resolved = perf_counter()
    repeated = entries.loc[entries.index.repeat(entries["entries"]), "affiliation"]
    before = perf_counter()
    ca.geocode(repeated)
    after = perf_counter()
    print(f"loading the gazetteer    {loaded - start:8.3f} s")
    print(f"distinct texts           {len(texts):8,} in {resolved - loaded:.3f} s")
    print(f"texts per second         {len(texts) / (resolved - loaded):8,.0f}")
    print(f"all entries as a column  {len(repeated):8,} in {after - before:.3f} s")


if __name__ == "__main__":
    main()
