"""The decision. Pure: values in, values out; no network, clock, environment, file or GitHub."""
