import d

act = d.act
