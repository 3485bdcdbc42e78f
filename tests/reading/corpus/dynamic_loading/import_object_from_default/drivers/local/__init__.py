from drivers.local import driver

LocalDriver = driver.LocalDriver
