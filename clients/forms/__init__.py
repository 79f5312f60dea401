"""Forms of this app. They check shape; services check truth."""
