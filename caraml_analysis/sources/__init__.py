"""Upstreams: each module returns a tidy table of an edition that is named, embedded or fetched.

Reading needs no network. Fetching does, only when somebody asks for it: `refreshing` (newer
editions of data), `ror` and `conference_years`, through `http`. Beside them stand what they share:
`editions` and `drift`, readers of formats (`workbooks`, `html_tree`, `json_stream`, `pxweb`), the
user's own years (`workspace`) and the credit lines of the sources (`credits`).
"""
