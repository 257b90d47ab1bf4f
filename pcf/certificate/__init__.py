"""Certificates: the document, its pages, its proof.

`draft.draft` puts the machine-readable certificate together from a footprint and the `particulars` of an issue; `render.render`
prints what `pages` takes from it; `texts` guards what may be written on it. `credential`, `proof`, `status_list` and `vcdm` make
and read the Verifiable Credential; `pdf_signature` and `x509` sign the file.

Nothing is imported here: a verifier needs no typesetter, and modules bear the names of their functions.
"""
