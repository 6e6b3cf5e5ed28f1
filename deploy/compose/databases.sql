-- Runs once, when Postgres makes its data folder: one database a service.
CREATE DATABASE volley_campaign;
CREATE DATABASE volley_dispatch;
CREATE DATABASE volley_link;
CREATE DATABASE volley_stats;
CREATE DATABASE volley_gateway;
