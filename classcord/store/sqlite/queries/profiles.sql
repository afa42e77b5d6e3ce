-- What accounts say of themselves.

-- name: profile
SELECT alias, first_name, last_name, email, status_text FROM users WHERE id = :user_id;
