BEGIN TRANSACTION;

CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

GO

-- Running upgrade  -> 0001

CREATE SCHEMA hotel;

GO

CREATE SEQUENCE ticket_number START WITH 100;

GO

CREATE TABLE basket (
    id INTEGER NOT NULL IDENTITY, 
    size INTEGER NULL, 
    PRIMARY KEY (id)
);

GO

CREATE TABLE customer (
    id INTEGER NOT NULL IDENTITY, 
    name VARCHAR(40) NOT NULL DEFAULT 'it''s', 
    email VARCHAR(120) NOT NULL, 
    age SMALLINT NULL, 
    is_active BIT NOT NULL DEFAULT 1, 
    created_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP, 
    PRIMARY KEY (id), 
    CONSTRAINT ck_customer_age CHECK (age >= 18), 
    CONSTRAINT uq_customer_email UNIQUE (email)
);

GO

execute sp_addextendedproperty 'MS_Description', N'who buys', 'schema', dbo, 'table', customer;

GO

CREATE INDEX ix_customer_created_at ON customer (created_at);

GO

CREATE TABLE old_log (
    id INTEGER NOT NULL IDENTITY, 
    line TEXT NULL, 
    PRIMARY KEY (id)
);

GO

CREATE TABLE product (
    id INTEGER NOT NULL, 
    code VARCHAR(20) NOT NULL, 
    price NUMERIC(10, 2) NULL DEFAULT 0, 
    description TEXT NULL, 
    picture IMAGE NULL, 
    state VARCHAR(5) NULL DEFAULT 'draft', 
    PRIMARY KEY (id)
);

GO

execute sp_addextendedproperty 'MS_Description', N'as printed', 'schema', dbo, 'table', product, 'column', description;

GO

CREATE UNIQUE INDEX ix_product_code ON product (code);

GO

CREATE TABLE purchase (
    id BIGINT NOT NULL IDENTITY, 
    customer_id INTEGER NULL, 
    placed_on DATETIME NOT NULL, 
    note VARCHAR(200) NULL, 
    PRIMARY KEY (id), 
    CONSTRAINT fk_purchase_customer FOREIGN KEY(customer_id) REFERENCES customer (id)
);

GO

CREATE TABLE purchase_line (
    purchase_id BIGINT NOT NULL, 
    product_id INTEGER NOT NULL, 
    quantity INTEGER NOT NULL DEFAULT '1', 
    CONSTRAINT pk_purchase_line PRIMARY KEY (purchase_id, product_id), 
    CONSTRAINT fk_line_product FOREIGN KEY(product_id) REFERENCES product (id), 
    CONSTRAINT fk_line_purchase FOREIGN KEY(purchase_id) REFERENCES purchase (id) ON DELETE CASCADE
);

GO

CREATE TABLE hotel.room (
    id INTEGER NOT NULL IDENTITY(5,5), 
    title NVARCHAR(200) NULL, 
    PRIMARY KEY (id)
);

GO

CREATE INDEX ix_room_title ON hotel.room (title) INCLUDE (id);

GO

INSERT INTO alembic_version (version_num) OUTPUT inserted.version_num VALUES ('0001');

GO

-- Running upgrade 0001 -> 0002

EXEC sp_rename 'basket', cart;

GO

EXEC sp_rename 'customer.name', full_name, 'COLUMN';

GO

ALTER SEQUENCE ticket_number INCREMENT BY 5;

GO

execute sp_addextendedproperty 'MS_Description', N'who buys, by country', 'schema', dbo, 'table', customer;

GO

ALTER TABLE purchase_line DROP CONSTRAINT pk_purchase_line;

GO

ALTER TABLE purchase_line ADD position INTEGER NOT NULL DEFAULT '1';

GO

ALTER TABLE purchase_line ADD CONSTRAINT pk_purchase_line PRIMARY KEY (purchase_id, product_id, position);

GO

DROP INDEX ix_product_code ON product;

GO

ALTER TABLE product ALTER COLUMN price NUMERIC(12, 3) NOT NULL;

GO

exec sp_dropextendedproperty 'MS_Description', 'schema', dbo, 'table', product, 'column', description;

GO

ALTER TABLE product ADD DEFAULT 'ready' FOR state;

GO

CREATE INDEX ix_product_state_code ON product (state, code);

GO

ALTER TABLE product ADD CONSTRAINT ck_product_price CHECK (price >= 0);

GO

CREATE TABLE supplier (
    id INTEGER NOT NULL IDENTITY, 
    parent_id INTEGER NULL, 
    product_id INTEGER NULL, 
    PRIMARY KEY (id), 
    CONSTRAINT fk_supplier_parent FOREIGN KEY(parent_id) REFERENCES supplier (id), 
    CONSTRAINT fk_supplier_product FOREIGN KEY(product_id) REFERENCES product (id)
);

GO

ALTER TABLE purchase DROP CONSTRAINT fk_purchase_customer;

GO

ALTER TABLE customer DROP CONSTRAINT ck_customer_age;

GO

DROP INDEX ix_customer_created_at ON customer;

GO

ALTER TABLE customer DROP CONSTRAINT uq_customer_email;

GO

ALTER TABLE customer ADD country VARCHAR(2) NOT NULL DEFAULT 'NL';

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from sys.default_constraints
where parent_object_id = object_id('customer')
and col_name(parent_object_id, parent_column_id) = 'country'
exec('alter table customer drop constraint ' + @const_name);

GO

ALTER TABLE customer ALTER COLUMN full_name VARCHAR(80) NOT NULL;

GO

ALTER TABLE customer ALTER COLUMN email VARCHAR(120) NULL;

GO

ALTER TABLE customer ALTER COLUMN age INTEGER NULL;

GO

declare @const_name varchar(256)
select @const_name = QUOTENAME([name]) from sys.default_constraints
where parent_object_id = object_id('customer')
and col_name(parent_object_id, parent_column_id) = 'is_active'
exec('alter table customer drop constraint ' + @const_name);

GO

ALTER TABLE customer ADD CONSTRAINT uq_customer_email UNIQUE (email, country);

GO

CREATE INDEX ix_customer_created_at ON customer (created_at, country);

GO

ALTER TABLE customer ADD CONSTRAINT ck_customer_age CHECK (age >= 16);

GO

ALTER TABLE purchase ADD total INTEGER NULL;

GO

ALTER TABLE purchase ADD double_total AS (total * 2) PERSISTED;

GO

ALTER TABLE purchase DROP COLUMN note;

GO

CREATE INDEX ix_purchase_customer_id ON purchase (customer_id);

GO

ALTER TABLE purchase ADD CONSTRAINT fk_purchase_customer FOREIGN KEY(customer_id) REFERENCES customer (id) ON DELETE SET NULL;

GO

DROP INDEX ix_room_title ON hotel.room;

GO

ALTER TABLE hotel.room ALTER COLUMN title NVARCHAR(300) NOT NULL;

GO

ALTER TABLE hotel.room ADD DEFAULT 'none' FOR title;

GO

CREATE INDEX ix_room_title ON hotel.room (title) WHERE id > 3;

GO

DROP TABLE old_log;

GO

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001';

GO

COMMIT;

GO

