"""Translations. Vietnamese is the source language; each folder here holds another one."""
