"""`classcord ctl`: the administrators' console through the control socket."""
