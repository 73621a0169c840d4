"""The funnel: conversion, durations, win rates, changes."""
