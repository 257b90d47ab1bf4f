"""Pages of the workbench, one module each; `pcf.web.app.PAGES` names them."""
