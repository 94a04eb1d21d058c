/** A sliding window with attention sinks: a plugin as anyone may write it. */
package org.example.sinkwindow;
