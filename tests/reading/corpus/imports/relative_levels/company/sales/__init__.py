from ..common import total as grand_total
