"""The shell: command line, configuration, pipeline, supervisor and web."""
