"""The same application with the extension Flask-Migrate itself: `flask db upgrade` runs limbeck."""

import os
from pathlib import Path

import limbeck.compat

# before anything imports alembic
limbeck.compat.install()

from flask import Flask  # noqa: E402
from flask_migrate import Migrate  # noqa: E402
from flask_sqlalchemy import SQLAlchemy  # noqa: E402

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)
Migrate(app, db, directory=str(Path(os.environ.get("MIGRATIONS", "migrations"))))


class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(200), nullable=False)
