"""What answers over the network: the workbench (login and public routes by FastAPI, pages by NiceGUI) and the PACT service; it calls what
the commands call and computes nothing."""
