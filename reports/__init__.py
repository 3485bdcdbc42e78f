"""Everything a person looks at: pages, call graphs, flow diagrams, exports."""
