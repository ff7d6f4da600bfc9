"""What every application shares: tasks, problem details, health, the API schema."""
