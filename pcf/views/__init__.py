"""Results as documents, tables and figures, for whoever shows them: the commands and the workbench alike."""
