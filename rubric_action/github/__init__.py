"""The GitHub side: inputs, event, API adapter, baseline, publishing, workflow commands."""
