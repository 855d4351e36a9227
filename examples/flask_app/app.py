"""A Flask application with the commands of Flask-Migrate, run by limbeck."""

import os
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup
from flask_sqlalchemy import SQLAlchemy

import limbeck

HERE = Path(__file__).parent

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db = SQLAlchemy(app)


class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(200), nullable=False)


migrations = AppGroup("db", help="Migrate the database.")
app.cli.add_command(migrations)


@migrations.command("migrate")
@click.option("-m", "--message")
def migrate(message: str | None) -> None:
    """Write a revision with the difference between models and database."""
    with db.engine.connect() as connection:
        for entry in limbeck.revision(
            message, autogenerate=True, config=HERE, connection=connection
        ):
            click.echo(entry.path)


@migrations.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database forward to a revision."""
    with db.engine.connect() as connection:
        report = limbeck.upgrade(revision, config=HERE, connection=connection)
    click.echo("\n".join(move.revision for move in report.moves) or "already at head")


@migrations.command("downgrade")
@click.argument("revision", default="-1")
@click.option("--yes", is_flag=True, help="go on although rows would be lost")
def downgrade(revision: str, *, yes: bool) -> None:
    """Take the database back to a revision."""
    with db.engine.connect() as connection:
        limbeck.downgrade(revision, accept_data_loss=yes, config=HERE, connection=connection)


@migrations.command("current")
def current() -> None:
    """Show the revision of the database."""
    with db.engine.connect() as connection:
        for database in limbeck.current(config=HERE, connection=connection):
            click.echo(", ".join(entry.revision for entry in database.revisions) or "base")
