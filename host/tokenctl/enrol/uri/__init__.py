"""From the text of a code to drafts of accounts."""
