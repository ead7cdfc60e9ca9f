"""Scoring archives: throughput, memory, what happens when it is killed or its inputs are damaged, and Ray."""
