from b import act
