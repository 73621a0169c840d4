"""The forecast: probabilities, weighted pipeline, outlook."""
