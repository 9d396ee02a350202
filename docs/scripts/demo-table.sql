CREATE TABLE oauth_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT, user_id INTEGER NOT NULL,
  provider VARCHAR(50) NOT NULL DEFAULT 'microsoft',
  access_token TEXT NOT NULL, refresh_token TEXT, token_type VARCHAR(20) DEFAULT 'Bearer',
  expires_at DATETIME NOT NULL, scope TEXT,
  created_at DATETIME DEFAULT CURRENT_TIMESTAMP, updated_at DATETIME DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (user_id, provider));
CREATE INDEX idx_expires_at ON oauth_tokens (expires_at);
