"""Pages of policy: the start page, the plan and its forms, objectives, target values, decisions and the plan check."""
