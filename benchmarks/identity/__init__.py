"""A million records of people, merged by exact rules, by Splink and by Liucun."""
