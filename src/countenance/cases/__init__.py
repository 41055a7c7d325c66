"""What happens after a decision: review, appeal, recall, subject requests, retention.

Rules of this package:

* Every decision can be appealed by whoever holds its receipt.
* A correction is pushed until each recipient has confirmed it.

This version issues the receipt that an appeal will quote; cases themselves come with their own issue.
"""

__all__: list[str] = []
