"""The same functions over what is stored: corrected by people, judged again, tried with other queries and settings."""
