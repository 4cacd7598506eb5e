"""大屏 and 领导手机页: where the city stands right now, for a wall without hands and for one hand. Computed tables come in; pages go out."""
