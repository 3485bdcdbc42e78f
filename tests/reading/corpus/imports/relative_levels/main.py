from company.sales import report

report.run()
