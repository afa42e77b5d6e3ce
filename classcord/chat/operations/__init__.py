"""Operations of the server that administrators request, beyond the chat."""
