from oslo_privsep import priv_context

context = priv_context.PrivContext(
    "privileged", cfg_section="corpus_privileged", pypath=__name__ + ".context", capabilities=[]
)
