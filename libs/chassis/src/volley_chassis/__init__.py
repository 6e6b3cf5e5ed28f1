"""What every service needs and none owns. No domain words; nothing that only one service uses."""
