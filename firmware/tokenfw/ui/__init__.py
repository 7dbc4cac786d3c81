"""What the person sees and presses: codes, menu, dialogs, and the words on them."""
