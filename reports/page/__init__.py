"""The page: one recording as a folder that opens in a browser from ``file://``, without network."""
