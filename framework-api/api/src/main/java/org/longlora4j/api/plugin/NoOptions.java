package org.longlora4j.api.plugin;

/** The options of an extension that has none. */
public record NoOptions() {}
