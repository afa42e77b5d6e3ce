"""Operations: what the server does for administrators, beyond the chat."""
