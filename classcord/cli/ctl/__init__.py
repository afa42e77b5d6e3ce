"""`classcord ctl`: the administrators' console by the control socket."""
